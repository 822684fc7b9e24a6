import type { z } from 'zod';

/** A fact in the past tense. Payloads carry ids and facts of that moment, never entities. */
export interface EventDefinition<Payload = unknown> {
  readonly name: string;
  readonly schema: z.ZodType<Payload>;
}

export function defineEvent<Payload>(name: string, schema: z.ZodType<Payload>): EventDefinition<Payload> {
  return { name, schema };
}
