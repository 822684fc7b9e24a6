import { createParamDecorator, type ExecutionContext, type RawBodyRequest } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Headers in lower case and the body's bytes as they came, for signatures that cover them. */
export interface RawMessage {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rawBody: Buffer;
}

export const RawRequest = createParamDecorator((_: unknown, context: ExecutionContext): RawMessage => {
  const { headers, rawBody } = context.switchToHttp().getRequest<RawBodyRequest<FastifyRequest>>();
  return { headers, rawBody: rawBody ?? Buffer.alloc(0) };
});
