import type { FastifyReply, FastifyRequest } from 'fastify';
import { etagOf } from './cached-answer.js';

/** `onSend` hook: caching headers, and 304 for a matching `If-None-Match` (RFC 9110 §13.1.2). */
export async function conditionalGet(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  const { cached } = request.routeOptions.config;
  if (!cached || reply.statusCode !== 200) {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    return payload;
  }
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
  const etag = String(reply.getHeader('etag') ?? etagOf(payload));
  reply.header('cache-control', `public, max-age=${cached.options.maxAgeSeconds}`).header('etag', etag);
  // Of every form: a shared cache must know it of the one it has stored, and of the 304 that renews it.
  reply.header('vary', 'accept-encoding');
  if (!matches(request.headers['if-none-match'], etag)) return payload;
  for (const header of ['content-length', 'content-type', 'content-encoding']) reply.removeHeader(header);
  reply.code(304);
  // Fastify measures what a HEAD does not send.
  return request.method === 'HEAD' ? payload : null;
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some(tag => weak(tag.trim()) === weak(etag));
}

function weak(tag: string): string {
  return tag.replace(/^W\//, '');
}
