import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Codec } from '../../cache/cache-spec.js';

/** A success as it goes out: nothing is left to be serialized, hashed or compressed. */
export class CachedAnswer {
  /** Weak: the same for every encoding. */
  readonly etag: string;
  private zipped: Buffer | undefined;

  constructor(readonly body: Buffer) {
    this.etag = `W/"${hash('sha1', body, 'base64url')}"`;
  }

  /** Made when the first client takes it, kept with the answer. */
  get gzipped(): Buffer {
    return (this.zipped ??= gzipSync(this.body));
  }
}

export const answerCodec: Codec<CachedAnswer> = {
  encode: ({ body }) => body.toString('utf8'),
  decode: text => new CachedAnswer(Buffer.from(text, 'utf8')),
};

/**
 * Sets the headers of a kept answer and returns the bytes to send; `conditionalGet` decides on 304. A client that asks
 * for gzip in so many words gets the bytes that are ready; whoever weighs encodings against each other is left to the
 * compression that serves all routes.
 */
export function dress(answer: CachedAnswer, reply: FastifyReply, compressAbove: number): Buffer {
  reply.header('content-type', 'application/json; charset=utf-8').header('etag', answer.etag);
  // Of every form: a shared cache must know it of the one it has stored, and of the 304 that renews it.
  reply.header('vary', 'accept-encoding');
  if (answer.body.length < compressAbove || !takesGzip(reply.request)) return answer.body;
  reply.header('content-encoding', 'gzip');
  return answer.gzipped;
}

function takesGzip({ method, headers }: FastifyRequest): boolean {
  const encodings = headers['accept-encoding'];
  // Fastify measures a HEAD before it compresses.
  if (method === 'HEAD') return false;
  if (typeof encodings !== 'string' || headers['x-no-compression'] !== undefined) return false;
  return /^([a-z]+, ?)*gzip(, ?[a-z]+)*$/.test(encodings) && !encodings.includes('identity');
}
