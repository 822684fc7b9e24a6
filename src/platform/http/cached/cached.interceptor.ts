import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { CachedAnswers } from './cached-answers.js';

/** Answers a `@Cached` route with what is kept or what its handler makes; what it makes is kept. */
@Injectable()
export class CachedInterceptor implements NestInterceptor {
  constructor(private readonly answers: CachedAnswers) {}

  async intercept(execution: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = execution.switchToHttp();
    const { answerPlace } = http.getRequest<FastifyRequest>();
    if (!answerPlace) return next.handle();
    const reply = http.getResponse<FastifyReply>();
    return of(await this.answers.get(answerPlace, reply, () => lastValueFrom(next.handle())));
  }
}
