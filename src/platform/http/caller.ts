import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LoginRequired } from './http.errors.js';

/** Who sent the request, as the access token says. */
export interface Caller {
  readonly userId: string;
  readonly sessionId: string;
}

/** The authenticated caller: `@CurrentCaller() caller: Caller`. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!caller) throw new LoginRequired();
  return caller;
});
