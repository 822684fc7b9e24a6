import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Cache } from '../../cache/cache.js';
import { CacheConfig } from '../../cache/cache.config.js';
import type { Slot } from '../../cache/cache-spec.js';
import { Caches } from '../../cache/caches.js';
import { answerCodec, CachedAnswer, dress } from './cached-answer.js';
import type { CachedRoute, RouteInput } from './cached-route.js';
import { HttpConfig } from '../http.config.js';
import { validationPipe } from '../input/validation.js';

/** Where the answer to one request is kept, whoever finds it. */
export interface AnswerPlace {
  readonly route: CachedRoute;
  readonly cache: Cache<CachedAnswer>;
  readonly slot: Slot;
}

/**
 * The answers of `@Cached` routes. A key is made of what the route's own schemas have made of the input, so that it is
 * never of something the route refuses, and one answer has one key however its URL is written.
 */
@Injectable()
export class CachedAnswers {
  private readonly known = new Map<CachedRoute, Cache<CachedAnswer>>();
  private readonly pipe = validationPipe();

  constructor(
    private readonly caches: Caches,
    private readonly config: CacheConfig,
    private readonly http: HttpConfig,
  ) {}

  get isOn(): boolean {
    return this.config.enabled;
  }

  /** Null for input that the route refuses: that is for the pipeline to say. */
  async placeOf(request: FastifyRequest, route: CachedRoute): Promise<AnswerPlace | null> {
    const input = await this.inputOf(request, route);
    if (!input) return null;
    const slot = { key: JSON.stringify(input), tags: route.options.tags(...(input as never[])) };
    return { route, slot, cache: this.cacheOf(request, route) };
  }

  /** What is to be sent, if it takes no wait. @throws what the handler throws when there is no such thing */
  peek({ cache, slot, route }: AnswerPlace, reply: FastifyReply): Buffer | undefined {
    const answer = cache.peek(slot);
    return answer === undefined ? undefined : this.ready(answer, route, reply);
  }

  /** What is to be sent, made by `handle` if it is nowhere. @throws whatever `handle` throws, CacheBusy (unavailable) */
  async get(place: AnswerPlace, reply: FastifyReply, handle: () => Promise<unknown>): Promise<Buffer> {
    const { route, cache, slot } = place;
    // Taken now: a reading that outlives its request must keep to the whitelist of the success all the same.
    const serialize = reply.getSerializationFunction('200');
    if (!serialize) throw new Error(`${route.options.name} does not say what it answers`);
    const answer = await cache.get(slot, async () => {
      try {
        return new CachedAnswer(Buffer.from(serialize((await handle()) as Record<string, unknown>)));
      } catch (error) {
        if (route.options.absent && error instanceof route.options.absent) return null;
        throw error;
      }
    });
    return this.ready(answer, route, reply);
  }

  private ready(answer: CachedAnswer | null, { options }: CachedRoute, reply: FastifyReply): Buffer {
    if (answer !== null) return dress(answer, reply, this.http.compressAbove);
    throw options.absent ? new options.absent() : new Error(`${options.name} holds nothing`);
  }

  private async inputOf(
    request: FastifyRequest,
    { inputs }: CachedRoute,
  ): Promise<readonly unknown[] | null> {
    try {
      return await Promise.all(inputs.map(input => this.accept(request, input)));
    } catch {
      return null;
    }
  }

  private accept(request: FastifyRequest, { from, field, schema }: RouteInput): Promise<unknown> {
    const values = request[from] as Readonly<Record<string, unknown>>;
    const value = field === undefined ? values : values[field];
    return this.pipe.transform(value, {
      type: from === 'query' ? 'query' : 'param',
      data: field,
      schema,
    } as never);
  }

  private cacheOf(request: FastifyRequest, route: CachedRoute): Cache<CachedAnswer> {
    let cache = this.known.get(route);
    if (!cache) {
      const { name, ttlMs, negativeTtlMs, staleMs, errorMs } = route.options;
      const version = this.versionOf(request);
      const times = { ttlMs, negativeTtlMs, staleMs, errorMs };
      // Beside the bytes, the same again zipped.
      cache = this.caches.declare({ name, version, codec: answerCodec, forms: 2, ...times });
      this.known.set(route, cache);
    }
    return cache;
  }

  /** Of what an answer looks like: another schema, or another address of pictures, is another answer. */
  private versionOf({ routeOptions }: FastifyRequest): string {
    const { response } = (routeOptions.schema ?? {}) as { readonly response?: unknown };
    const look = JSON.stringify([response, this.http.publicBaseUrl]);
    return createHash('sha1').update(look).digest('base64url').slice(0, 12);
  }
}
