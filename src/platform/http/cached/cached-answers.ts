import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { RouteOptions } from 'fastify';
import { LRUCache } from 'lru-cache';
import { Caches } from '../../cache/caches.js';
import { RateLimits } from '../../rate-limit/rate-limits.js';
import { HttpConfig } from '../http.config.js';
import { Admission } from './admission.js';
import { answerCodec } from './cached-answer.js';
import { CachedHandler, type HandlerParts, type Place, type Places } from './cached-handler.js';
import type { CachedRoute } from './cached-route.js';

/** Of how many addresses it is remembered what they ask for. */
const maxPlaces = 4_000;

/** The handlers of `@Cached` routes, one each, and the caches behind them. */
@Injectable()
export class CachedAnswers {
  private readonly handlers = new Map<CachedRoute, CachedHandler>();
  private readonly places: Places = new LRUCache<string, Place>({ max: maxPlaces });

  constructor(
    private readonly caches: Caches,
    private readonly http: HttpConfig,
    private readonly limits: RateLimits,
    private readonly modules: ModuleRef,
  ) {}

  /** What an address asks for that was served a while ago. */
  placeOf(url: string): Place | undefined {
    return this.places.get(url);
  }

  /** GET and HEAD of a route share what is kept. */
  handlerOf(route: CachedRoute, { url, schema, config }: RouteOptions): CachedHandler {
    const known = this.handlers.get(route);
    if (known) return known;
    const { response: answers } = (schema ?? {}) as { readonly response?: unknown };
    const handler = new CachedHandler({
      route,
      url,
      limit: config?.limit,
      places: this.places,
      cache: this.cacheOf(route, answers),
      make: this.methodOf(route),
      admission: this.modules.get(Admission, { strict: false }),
      limits: this.limits,
      compressAbove: this.http.compressAbove,
    });
    this.handlers.set(route, handler);
    return handler;
  }

  private methodOf({ controller, member }: CachedRoute): HandlerParts['make'] {
    const instance = this.modules.get<Record<string | symbol, HandlerParts['make']>>(controller, {
      strict: false,
    });
    return instance[member]!.bind(instance);
  }

  private cacheOf({ options }: CachedRoute, answers: unknown): HandlerParts['cache'] {
    const { name, ttlMs, negativeTtlMs, staleMs, errorMs } = options;
    // Of what an answer looks like: another schema, or another address of pictures, is another answer.
    const look = JSON.stringify([answers, this.http.publicBaseUrl]);
    const version = hash('sha1', look, 'base64url').slice(0, 12);
    const times = { ttlMs, negativeTtlMs, staleMs, errorMs };
    // Beside the bytes, the same again zipped.
    return this.caches.declare({ name, version, codec: answerCodec, forms: 2, ...times });
  }
}
