import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { LoginRequired } from '../../../platform/http/problem/http.errors.js';
import type { RequestContext } from '../../../platform/tracing/request-context.js';
import type { Role } from '../permission.js';

/** Where a request comes from, for the audit log and the throttle. */
export interface Origin {
  readonly ip: string;
  readonly requestId: string;
}

/** A member of staff who sent a request, and the permission that lets them. */
export interface Actor extends Origin {
  readonly staffId: string;
  readonly username: string;
  readonly role: Role;
  readonly sessionId: string;
  /** None where anybody may: logging in. */
  readonly permission?: string;
}

/** Who asks for an effect, and under which idempotency key: a retry must not repeat it. */
export interface Intention {
  readonly actor: Actor;
  readonly key: string | undefined;
}

/** What is read here of a request, whoever's HTTP server it came through. */
export interface StaffRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly ip: string;
  readonly context: RequestContext;
  /** Set by the staff guard. */
  actor?: Actor;
}

const requestOf = (execution: ExecutionContext): StaffRequest =>
  execution.switchToHttp().getRequest<StaffRequest>();

export function originOf({ ip, context }: StaffRequest): Origin {
  return { ip, requestId: context.requestId };
}

function actorOf({ actor }: StaffRequest): Actor {
  if (!actor) throw new LoginRequired();
  return actor;
}

/** `@RequestOrigin() origin: Origin` */
export const RequestOrigin = createParamDecorator((_: unknown, execution: ExecutionContext): Origin =>
  originOf(requestOf(execution)),
);

/** `@CurrentActor() actor: Actor` */
export const CurrentActor = createParamDecorator((_: unknown, execution: ExecutionContext): Actor =>
  actorOf(requestOf(execution)),
);

/** `@CurrentIntention() intention: Intention`, beside `@AcceptsIdempotencyKey()`. */
export const CurrentIntention = createParamDecorator((_: unknown, execution: ExecutionContext): Intention => {
  const request = requestOf(execution);
  return { actor: actorOf(request), key: request.headers['idempotency-key'] };
});
