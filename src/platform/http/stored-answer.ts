import type { IdempotentAnswer } from '../idempotency/idempotency.js';
import { ApiHeader } from './documented.js';

/** What a controller holds of the reply: `@Res() reply: AnswerReply`. Only platform/http knows whose it is. */
export interface AnswerReply {
  status(code: number): this;
  header(name: string, value: string): this;
  send(body: string): this;
}

/**
 * Sends the stored bytes as they are, past serialisation: the answer to a retry equals the first one. Whoever stores
 * an answer keeps to the route's response schema.
 */
export function replyWithStoredAnswer(
  reply: AnswerReply,
  { status, body, replayed }: IdempotentAnswer,
): void {
  if (replayed) reply.header('idempotency-replayed', 'true');
  reply.status(status).header('content-type', 'application/json; charset=utf-8').send(body);
}

/** Documents the header; `Idempotency` does what it says. */
export const AcceptsIdempotencyKey = ({ required = false } = {}): MethodDecorator =>
  ApiHeader({
    name: 'Idempotency-Key',
    required,
    description: 'a retry with the same key and body has one effect and gets the first answer',
    schema: { type: 'string', minLength: 1, maxLength: 64 },
  });
