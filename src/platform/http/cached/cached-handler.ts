import type { FastifyContextConfig, FastifyReply, FastifyRequest } from 'fastify';
import type { LRUCache } from 'lru-cache';
import type { Cache } from '../../cache/cache.js';
import type { Load } from '../../cache/value-reader.js';
import type { Slot } from '../../cache/cache-spec.js';
import type { RateLimits } from '../../rate-limit/rate-limits.js';
import { runInContext, type RequestContext } from '../../tracing/request-context.js';
import { accept } from '../input/validation.js';
import { limitCaller } from '../limit/rate-limiting.js';
import type { Admission } from './admission.js';
import { CachedAnswer, formFor } from './cached-answer.js';
import type { CachedRoute, RouteInput } from './cached-route.js';

/** How long an address may be that is remembered. */
const maxUrlLength = 256;

/** What a request has asked for, and where the answer is kept. */
export interface Place {
  readonly handler: CachedHandler;
  readonly slot: Slot;
  /** Makes the answer anew. */
  readonly read: Load<CachedAnswer>;
}

/** What requests have asked for by an address that has been answered, so that it is not parsed again: of all routes. */
export type Places = LRUCache<string, Place>;

export interface HandlerParts {
  readonly route: CachedRoute;
  /** Its template. */
  readonly url: string;
  readonly limit: FastifyContextConfig['limit'];
  readonly places: Places;
  readonly cache: Cache<CachedAnswer>;
  /** The controller's method. */
  readonly make: (...input: readonly unknown[]) => unknown;
  readonly admission: Admission;
  readonly limits: RateLimits;
  readonly compressAbove: number;
}

/**
 * One `@Cached` route: what is held is sent without waiting for anything, what is not is made by the controller's method.
 * A key is made of what the route's own schemas have made of the input, so that it is never of something the route
 * refuses, and one answer has one key however its URL is written.
 */
export class CachedHandler {
  readonly url: string;
  readonly limit: FastifyContextConfig['limit'];
  readonly cacheControl: string;

  constructor(private readonly parts: HandlerParts) {
    this.url = parts.url;
    this.limit = parts.limit;
    this.cacheControl = `public, max-age=${parts.route.options.maxAgeSeconds}`;
  }

  /** What can be sent at once; what is stale is read again on behalf of this request. */
  held({ slot, read }: Place, context: RequestContext): CachedAnswer | null | undefined {
    return this.parts.cache.held(slot, () => runInContext(context, read));
  }

  /**
   * What takes a wait, within the request's context.
   * @throws TooManyRequests, whatever the controller throws, CacheBusy
   */
  async get({ slot, read }: Place, context: RequestContext): Promise<CachedAnswer | null> {
    limitCaller(context, this.limit, this.parts.limits);
    return this.parts.cache.get(slot, read);
  }

  /** What to refuse an address with that there is nothing at; it is not remembered. */
  absence(url: string): Error {
    const { name, absent } = this.parts.route.options;
    this.parts.places.delete(url);
    return absent ? new absent() : new Error(`${name} holds nothing`);
  }

  /** What is to be sent. @throws TokenInvalid, TooManyRequests, RequestInvalid, whatever the controller throws, CacheBusy */
  handle(request: FastifyRequest, reply: FastifyReply): Buffer | Promise<Buffer> {
    const admitted = this.parts.admission.admit(request);
    return admitted ? admitted.then(() => this.answer(request, reply)) : this.answer(request, reply);
  }

  private answer(request: FastifyRequest, reply: FastifyReply): Buffer | Promise<Buffer> {
    const place = this.parts.places.get(request.url) ?? this.find(request, reply);
    const held = this.held(place, request.context);
    return held === undefined ? this.make(place, request, reply) : this.ready(held, reply);
  }

  /** Only what is held costs so little that nobody counts it. */
  private find(request: FastifyRequest, reply: FastifyReply): Place {
    const { options, inputs } = this.parts.route;
    try {
      const input = inputs.map(each => accept(valueOf(request, each), each.schema));
      const slot = { key: JSON.stringify(input), tags: options.tags(...(input as never[])) };
      const place = { handler: this, slot, read: this.reader(input, reply) };
      if (request.url.length <= maxUrlLength) this.parts.places.set(request.url, place);
      return place;
    } catch (error) {
      limitCaller(request.context, this.limit, this.parts.limits);
      throw error;
    }
  }

  private async make(place: Place, request: FastifyRequest, reply: FastifyReply): Promise<Buffer> {
    return this.ready(await this.get(place, request.context), reply);
  }

  /** The serializer is taken now: a reading that outlives its request must keep to the whitelist of the success all the same. */
  private reader(input: readonly unknown[], reply: FastifyReply): Load<CachedAnswer> {
    const { name, absent } = this.parts.route.options;
    const serialize = reply.getSerializationFunction('200');
    if (!serialize) throw new Error(`${name} does not say what it answers`);
    return async () => {
      try {
        return new CachedAnswer(Buffer.from(serialize((await this.parts.make(...input)) as never)));
      } catch (error) {
        if (absent && error instanceof absent) return null;
        throw error;
      }
    };
  }

  private ready(answer: CachedAnswer | null, reply: FastifyReply): Buffer {
    if (answer === null) throw this.absence(reply.request.url);
    const { headers, body } = formFor(reply.request, answer, this.parts.compressAbove);
    reply.header('cache-control', this.cacheControl);
    for (let at = 0; at < headers.length; at += 2) reply.header(headers[at]!, headers[at + 1]);
    return body;
  }
}

function valueOf(request: FastifyRequest, { from, field }: RouteInput): unknown {
  const values = request[from] as Readonly<Record<string, unknown>>;
  return field === undefined ? values : values[field];
}
