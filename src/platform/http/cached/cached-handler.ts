import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Cache } from '../../cache/cache.js';
import type { Slot } from '../../cache/cache-spec.js';
import type { RateLimits } from '../../rate-limit/rate-limits.js';
import { accept } from '../input/validation.js';
import { limitCaller } from '../limit/rate-limiting.js';
import type { Admission } from './admission.js';
import { CachedAnswer, dress } from './cached-answer.js';
import type { CachedRoute, RouteInput } from './cached-route.js';

/** How many addresses a route remembers the input of, and how long they may be. */
const maxPlaces = 1_000;
const maxUrlLength = 256;

/** What a request has asked for, and where the answer is kept. */
interface Place {
  readonly input: readonly unknown[];
  readonly slot: Slot;
}

type Serialize = (answer: Record<string, unknown>) => string;

export interface HandlerParts {
  readonly route: CachedRoute;
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
  private readonly places = new LRUCache<string, Place>({ max: maxPlaces });
  private readonly cacheControl: string;

  constructor(private readonly parts: HandlerParts) {
    this.cacheControl = `public, max-age=${parts.route.options.maxAgeSeconds}`;
  }

  /** What is to be sent. @throws TokenInvalid, TooManyRequests, RequestInvalid, whatever the controller throws, CacheBusy */
  handle(request: FastifyRequest, reply: FastifyReply): Buffer | Promise<Buffer> {
    const admitted = this.parts.admission.admit(request);
    return admitted ? admitted.then(() => this.answer(request, reply)) : this.answer(request, reply);
  }

  private answer(request: FastifyRequest, reply: FastifyReply): Buffer | Promise<Buffer> {
    const place = this.places.get(request.url) ?? this.find(request, reply);
    const held = this.parts.cache.peek(place.slot);
    return held === undefined ? this.make(place, request, reply) : this.ready(held, reply);
  }

  /** Only what is held costs so little that nobody counts it. */
  private find(request: FastifyRequest, reply: FastifyReply): Place {
    const { options, inputs } = this.parts.route;
    try {
      const input = inputs.map(each => accept(valueOf(request, each), each.schema));
      const place = {
        input,
        slot: { key: JSON.stringify(input), tags: options.tags(...(input as never[])) },
      };
      if (request.url.length <= maxUrlLength) this.places.set(request.url, place);
      return place;
    } catch (error) {
      limitCaller(request, reply, this.parts.limits);
      throw error;
    }
  }

  private async make({ input, slot }: Place, request: FastifyRequest, reply: FastifyReply): Promise<Buffer> {
    limitCaller(request, reply, this.parts.limits);
    // Taken now: a reading that outlives its request must keep to the whitelist of the success all the same.
    const serialize = reply.getSerializationFunction('200');
    if (!serialize) throw new Error(`${this.parts.route.options.name} does not say what it answers`);
    return this.ready(await this.parts.cache.get(slot, () => this.read(input, serialize)), reply);
  }

  private async read(input: readonly unknown[], serialize: Serialize): Promise<CachedAnswer | null> {
    const { absent } = this.parts.route.options;
    try {
      return new CachedAnswer(Buffer.from(serialize((await this.parts.make(...input)) as never)));
    } catch (error) {
      if (absent && error instanceof absent) return null;
      throw error;
    }
  }

  private ready(answer: CachedAnswer | null, reply: FastifyReply): Buffer {
    const { name, absent } = this.parts.route.options;
    if (answer === null) throw absent ? new absent() : new Error(`${name} holds nothing`);
    reply.header('cache-control', this.cacheControl);
    return dress(answer, reply, this.parts.compressAbove);
  }
}

function valueOf(request: FastifyRequest, { from, field }: RouteInput): unknown {
  const values = request[from] as Readonly<Record<string, unknown>>;
  return field === undefined ? values : values[field];
}
