import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../../../kernel/app-error.js';
import { translateDatabaseError } from '../../database/database-error.js';
import { TooManyRequests } from '../../rate-limit/rate-limit.errors.js';
import { rateLimitFields } from '../limit/rate-limiting.js';
import { HttpError, toAppError } from './http.errors.js';
import { kindRules, languageOf, toProblem } from './problem.js';

/** Writes every error as `application/problem+json`. What happened inside is logged under the trace id, never sent. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Problem');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = errorOf(thrown, request);
    request.problemCode = error.code;
    this.log(error, request);
    if (reply.sent || reply.raw.headersSent) return;
    const problem = toProblem(error, languageOf(request.headers['accept-language']), request.context.traceId);
    if (error instanceof TooManyRequests) reply.headers(rateLimitFields(error));
    if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
    // Sent as text: a route's response schema describes its success, not its problems.
    void reply
      .status(problem.status)
      .header('cache-control', 'no-store')
      .type('application/problem+json; charset=utf-8')
      .send(JSON.stringify(problem));
  }

  private log(error: AppError, request: FastifyRequest): void {
    const { logLevel } = kindRules[error.kind];
    const { traceId, requestId } = request.context;
    this.logger[logLevel](
      { code: error.code, err: error, trace_id: traceId, request_id: requestId },
      error.message,
    );
  }
}

/** A client that goes away while it sends is an ECONNRESET too, and no fault of PostgreSQL's. */
function errorOf(thrown: unknown, { raw }: FastifyRequest): AppError {
  if (thrown === raw.errored) return new HttpError('invalid', 'request.invalid', 'the client went away');
  return toAppError(translateDatabaseError(thrown));
}
