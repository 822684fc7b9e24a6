import { Injectable, Logger } from '@nestjs/common';
import { settlesWithin } from '../concurrency/settles-within.js';
import { RedisConnection } from '../redis/redis-connection.js';
import { CacheConfig } from './cache.config.js';
import { CacheMetrics } from './cache-metrics.js';

/** The connection to `cache.redisUrl`, which is the shop's shared one unless that names another server. */
export abstract class CacheConnection extends RedisConnection {}

/**
 * Redis as a cache needs it. Promise: an answer or none within `cache.redisTimeout`, never an error; after a failure it
 * is left alone for `cache.redisPause`, so that an outage costs one wait now and then and not one a read.
 */
@Injectable()
export class CacheRedis {
  private readonly logger = new Logger(CacheRedis.name);
  private pausedUntilMs = -Infinity;

  constructor(
    private readonly connection: CacheConnection,
    private readonly config: CacheConfig,
    private readonly metrics: CacheMetrics,
  ) {}

  /** Undefined when Redis is away. */
  async ask<T>(question: (client: RedisConnection['client']) => Promise<T>): Promise<T | undefined> {
    if (performance.now() < this.pausedUntilMs) return undefined;
    try {
      const answer = question(this.connection.client);
      if (await settlesWithin(answer, this.config.redisTimeout)) return await answer;
      throw new Error(`no answer within ${this.config.redisTimeout} ms`);
    } catch (error) {
      this.pausedUntilMs = performance.now() + this.config.redisPause;
      this.metrics.redisFailures.inc();
      this.logger.debug({ err: error }, 'the cache goes on without Redis');
      return undefined;
    }
  }
}
