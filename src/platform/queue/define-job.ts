import type { z } from 'zod';
import type { EventDefinition } from './define-event.js';

/** A unit of background work: its name, the queue it waits in, what it carries and how often it is tried. */
export interface JobDefinition<Payload = unknown> {
  readonly name: string;
  readonly queue: string;
  readonly schema: z.ZodType<Payload>;
  /** Tries in total, with exponential backoff from `backoffMs`. */
  readonly attempts: number;
  readonly backoffMs: number;
  /** The event that starts this job; the event's payload is the job's. */
  readonly on?: EventDefinition<Payload>;
  /** When a job started by an event becomes due; at once if absent. */
  readonly dueAt?: (payload: Payload) => Date;
}

/** Any job, where its payload's type does not matter. */
export interface AnyJob extends Omit<JobDefinition, 'on' | 'dueAt'> {
  readonly on?: { readonly name: string };
  readonly dueAt?: (payload: never) => Date;
}

interface JobPolicy<Payload> {
  readonly queue: string;
  readonly on: EventDefinition<Payload>;
  readonly dueAt?: (payload: Payload) => Date;
  readonly attempts?: number;
  readonly backoffMs?: number;
}

/** A job started by an event: `ExpireOrder = defineJob('order.expire', { queue: 'order', on: OrderPlaced })`. */
export function defineJob<Payload>(name: string, policy: JobPolicy<Payload>): JobDefinition<Payload> {
  return { attempts: 10, backoffMs: 1_000, ...policy, name, schema: policy.on.schema };
}
