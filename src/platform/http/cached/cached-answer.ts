import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Codec } from '../../cache/cache-spec.js';

type Asking = Pick<IncomingMessage, 'method' | 'headers'>;

const contentType = 'application/json; charset=utf-8';

/** The bytes of an answer and the headers that say what they are: names and values in turn. */
export interface Form {
  /** None of an answer that the client has. */
  readonly body?: Buffer;
  readonly headers: readonly string[];
}

interface Full extends Form {
  readonly body: Buffer;
}

/** A success as it goes out: nothing is left to be serialized, hashed or compressed. */
export class CachedAnswer {
  /** Weak: the same for every encoding. */
  readonly etag: string;
  readonly plain: Full;
  /** Of a 304. */
  readonly known: Form;
  private gzipped: Full | undefined;

  constructor(readonly body: Buffer) {
    this.etag = `W/"${hash('sha1', body, 'base64url')}"`;
    // Of every form: a shared cache must know it of the one it has stored, and of the 304 that renews it.
    this.known = { headers: ['etag', this.etag, 'vary', 'accept-encoding'] };
    this.plain = { body, headers: ['content-type', contentType, ...this.known.headers] };
  }

  /** Made when the first client takes it, kept with the answer. */
  get zipped(): Full {
    return (this.gzipped ??= {
      body: gzipSync(this.body),
      headers: [...this.plain.headers, 'content-encoding', 'gzip'],
    });
  }
}

export const answerCodec: Codec<CachedAnswer> = {
  encode: ({ body }) => body.toString('utf8'),
  decode: text => new CachedAnswer(Buffer.from(text, 'utf8')),
};

/** The form for a client; plain for who weighs encodings, whom the compression that serves all routes sees to. */
export function formFor(asking: Asking, answer: CachedAnswer, compressAbove: number): Full {
  return answer.body.length >= compressAbove && takesGzip(asking) ? answer.zipped : answer.plain;
}

/** Whether it takes no encoding to be weighed to know the form. */
export function asksPlainly(asking: Asking): boolean {
  return asking.headers['accept-encoding'] === undefined || takesGzip(asking);
}

/** In so many words. */
function takesGzip({ method, headers }: Asking): boolean {
  const encodings = headers['accept-encoding'];
  // Fastify measures a HEAD before it compresses.
  if (method === 'HEAD') return false;
  if (typeof encodings !== 'string' || headers['x-no-compression'] !== undefined) return false;
  return /^([a-z]+, ?)*gzip(, ?[a-z]+)*$/.test(encodings) && !encodings.includes('identity');
}
