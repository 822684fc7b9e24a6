import { Injectable } from '@nestjs/common';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { Transactor } from '../database/transactor.js';
import { RedisConfig } from '../redis/redis.config.js';
import { Cache } from './cache.js';
import { CacheConfig } from './cache.config.js';
import { CacheMetrics } from './cache-metrics.js';
import { CacheRedis } from './cache-redis.js';
import type { CacheSpec, Slot } from './cache-spec.js';
import { InvalidationBus, type BusHearer, type Doubt, type Invalidation } from './invalidation-bus.js';
import { KeyvRedisStore } from './keyv-redis-store.js';
import { LoadGate } from './load-gate.js';
import { SharedTier } from './shared-tier.js';
import { ValueReader } from './value-reader.js';

type AnyCache = Pick<Cache<unknown>, 'forget' | 'flush' | 'occupancy'>;

/** What every cache is built with. */
@Injectable()
export class CacheTools {
  constructor(
    readonly gate: LoadGate,
    readonly redis: CacheRedis,
    readonly metrics: CacheMetrics,
  ) {}
}

/** All caches of this process: where they are declared, and where what they hold is called into doubt. */
@Injectable()
export class Caches implements BusHearer {
  private readonly caches = new Map<string, AnyCache>();
  private readonly manager;

  constructor(
    private readonly config: CacheConfig,
    private readonly redisConfig: RedisConfig,
    private readonly tools: CacheTools,
    private readonly bus: InvalidationBus,
    private readonly transactor: Transactor,
  ) {
    const keyv = new Keyv({ store: new KeyvRedisStore(tools.redis), useKeyPrefix: false });
    keyv.serialize = undefined;
    keyv.deserialize = undefined;
    this.manager = createCache({ stores: [keyv] });
    bus.hearWith(this);
  }

  /** Once a name, at start. @throws Error for a name that is taken or a life that is too long */
  declare<T>(spec: CacheSpec<T>): Cache<T> {
    if (this.caches.has(spec.name)) throw new Error(`two caches are called ${spec.name}`);
    const { config } = this;
    const { gate, metrics, redis } = this.tools;
    const counts = metrics.countsOf(spec.name);
    const shared = new SharedTier(spec, this.manager, redis, {
      keyPrefix: this.redisConfig.keyPrefix,
      jitter: config.ttlJitter,
      onCorrupt: () => counts.corrupt.inc(),
    });
    const reader = new ValueReader(spec, { config, gate, shared, counts });
    const cache = new Cache(spec, { config, shared, reader, counts });
    this.caches.set(spec.name, cache);
    metrics.watch(() => cache.occupancy);
    return cache;
  }

  /**
   * Whatever carries one of these tags is read anew, here at once, elsewhere as soon as Redis says so; after the commit
   * of the open transaction, before which nobody could read anything new. Never fails.
   */
  invalidate(tags: readonly string[]): void {
    if (this.config.enabled) this.transactor.afterCommit(() => this.tell({ tags: [...tags], keys: [] }));
  }

  /** Write-through, after the commit of the open transaction: `value` is what the slot holds from now on. */
  put<T>(cache: Cache<T>, slot: Slot, value: T | null): void {
    if (!this.config.enabled) return;
    this.transactor.afterCommit(async () => {
      await this.tell({ tags: [], keys: [cache.nameOf(slot)] }, cache.keysOf(slot));
      await cache.put(slot, value);
    });
  }

  onInvalidation(news: Invalidation): void {
    this.tools.metrics.invalidations.inc({ origin: 'other' });
    this.forget(news);
  }

  onDoubt(reason: Doubt): void {
    this.tools.metrics.flushes.inc({ reason });
    for (const cache of this.caches.values()) cache.flush();
  }

  private async tell(news: Invalidation, redisKeys: readonly string[] = []): Promise<void> {
    this.tools.metrics.invalidations.inc({ origin: 'own' });
    this.forget(news);
    await this.bus.send(news, redisKeys);
  }

  private forget(news: Invalidation): void {
    const [names, tags] = [new Set(news.keys), new Set(news.tags)];
    for (const cache of this.caches.values()) cache.forget(names, tags);
  }
}
