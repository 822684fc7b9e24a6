import type { DoneFuncWithErrOrRes, FastifyReply, FastifyRequest } from 'fastify';

/**
 * `onSend` hook: 304 for an `If-None-Match` that names the answer's `ETag` (RFC 9110 §13.1.2), and `no-store` on
 * whatever says nothing of caches.
 */
export function conditionalGet(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: DoneFuncWithErrOrRes,
): void {
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  const known = request.headers['if-none-match'];
  const etag = reply.getHeader('etag');
  if (known === undefined || typeof etag !== 'string' || reply.statusCode !== 200) return done(null, payload);
  // A file is a stream with a descriptor that only sending it closes; whoever sends files looks at the tag itself.
  const isInMemory = typeof payload === 'string' || Buffer.isBuffer(payload);
  if (!isInMemory || !matches(known, etag)) return done(null, payload);
  for (const header of ['content-length', 'content-type', 'content-encoding']) reply.removeHeader(header);
  reply.code(304);
  // Fastify measures what a HEAD does not send.
  done(null, request.method === 'HEAD' ? payload : null);
}

/** Whether `If-None-Match` names the tag. */
export function matches(known: string, etag: string): boolean {
  return known.trim() === '*' || known.split(',').some(tag => weak(tag.trim()) === weak(etag));
}

function weak(tag: string): string {
  return tag.replace(/^W\//, '');
}
