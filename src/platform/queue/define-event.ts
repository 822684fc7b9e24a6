import type { z } from 'zod';

/** A fact in the past tense. Payloads carry ids and facts of that moment, never entities. */
export interface EventDefinition<Payload = unknown> {
  readonly name: string;
  readonly schema: z.ZodType<Payload>;
  /** Events with the same key reach each of their jobs one after the other, in the order they were published. */
  readonly orderKey?: (payload: Payload) => string;
}

export function defineEvent<Payload>(
  name: string,
  schema: z.ZodType<Payload>,
  options: { readonly orderKey?: (payload: Payload) => string } = {},
): EventDefinition<Payload> {
  return { name, schema, ...options };
}
