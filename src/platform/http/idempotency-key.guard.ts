import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { requireIdempotencyKey } from '../idempotency/idempotency.js';

/**
 * A key that is no key would be dropped in silence by a route that keeps none, and its client trusts in it. A guard,
 * so that it comes after the caller is known and before anything is validated.
 */
export class IdempotencyKeyGuard implements CanActivate {
  canActivate(execution: ExecutionContext): boolean {
    const { method, headers } = execution.switchToHttp().getRequest<FastifyRequest>();
    const key = headers['idempotency-key'];
    if (method === 'POST' && key !== undefined) requireIdempotencyKey(String(key));
    return true;
  }
}
