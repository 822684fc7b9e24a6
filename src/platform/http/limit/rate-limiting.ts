import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';
import { countedBy, type LimitName } from '../../rate-limit/limit-name.js';
import type { TooManyRequests } from '../../rate-limit/rate-limit.errors.js';
import type { RateLimits } from '../../rate-limit/rate-limits.js';
import type { RequestContext } from '../../tracing/request-context.js';
import { AddressSubjects } from './address-subjects.js';

/** Counts requests for their address, and logins once more. */
export class AddressLimits {
  private readonly subjects: AddressSubjects;

  constructor(
    private readonly limits: RateLimits,
    exempt: readonly string[],
  ) {
    this.subjects = new AddressSubjects(exempt);
  }

  /** `limit` is what the route says. The error to refuse the request with if there have been too many. */
  take(limit: FastifyContextConfig['limit'], ip: string): TooManyRequests | null {
    if (limit === 'none') return null;
    const subject = this.subjects.of(ip);
    if (subject === null) return null;
    return this.limits.take('address', subject) ?? takeRouteLimit(limit, 'address', this.limits, subject);
  }
}

/** Counts every request for its address before anything is read of its body. */
export function limitAddresses(server: FastifyInstance, addresses: AddressLimits): void {
  server.addHook('onRequest', (request, _reply, done) => {
    done(addresses.take(request.routeOptions.config.limit, request.ip) ?? undefined);
  });
}

/** Counts every request for its caller: a guard, because that is who finds out who it is; it comes after those. */
export class CallerLimitGuard implements CanActivate {
  constructor(private readonly limits: RateLimits) {}

  canActivate(execution: ExecutionContext): boolean {
    const { context, routeOptions } = execution.switchToHttp().getRequest<FastifyRequest>();
    limitCaller(context, routeOptions.config.limit, this.limits);
    return true;
  }
}

/** For whoever answers without guards; `limit` is what the route says. @throws TooManyRequests (throttled) */
export function limitCaller(
  { userId, staffId }: RequestContext,
  limit: FastifyContextConfig['limit'],
  limits: RateLimits,
): void {
  const subject = userId ?? staffId;
  if (subject === undefined) return;
  const refusal = limits.take('caller', subject) ?? takeRouteLimit(limit, 'caller', limits, subject);
  if (refusal) throw refusal;
}

/** What the route adds, if it is counted by what is known of the sender at this point. */
function takeRouteLimit(
  limit: FastifyContextConfig['limit'],
  by: (typeof countedBy)[LimitName],
  limits: RateLimits,
  subject: string,
): TooManyRequests | null {
  return limit === undefined || limit === 'none' || countedBy[limit] !== by
    ? null
    : limits.take(limit, subject);
}

/** The fields of draft-ietf-httpapi-ratelimit-headers; only on refusals, because answers that are fine may be cached. */
export function rateLimitFields({ details, allowance, retryAfterSeconds }: TooManyRequests): {
  readonly [name: string]: string;
} {
  const { units, windowMs } = allowance;
  return {
    'ratelimit-policy': `"${details.limit}";q=${units};w=${Math.ceil(windowMs / 1_000)}`,
    ratelimit: `"${details.limit}";r=0;t=${retryAfterSeconds}`,
  };
}
