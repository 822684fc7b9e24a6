import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LoginRequired } from './problem/http.errors.js';

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

/** Who sent the request, and under which `Idempotency-Key`, if any; it is not checked yet. */
export interface KeyedCaller extends Caller {
  readonly idempotencyKey: string | undefined;
}

/** The caller of a route that keeps its answers and has much else to read: `@CurrentKeyedCaller() caller: KeyedCaller`. */
export const CurrentKeyedCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): KeyedCaller => {
    const { caller, headers } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!caller) throw new LoginRequired();
    return { ...caller, idempotencyKey: headers['idempotency-key'] as string | undefined };
  },
);
