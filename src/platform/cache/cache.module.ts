import { Global, Module } from '@nestjs/common';
import { RedisConfig } from '../redis/redis.config.js';
import { RedisConnection } from '../redis/redis-connection.js';
import { CacheConfig } from './cache.config.js';
import { CacheMetrics } from './cache-metrics.js';
import { CacheConnection, CacheRedis } from './cache-redis.js';
import { Caches, CacheTools } from './caches.js';
import { InvalidationBus } from './invalidation-bus.js';
import { LoadGate } from './load-gate.js';

/**
 * Values that cost more to read than to keep, in this process and in Redis; see `Cache`.
 * Promise: nothing here is true, only recent, and how recent is bounded; without Redis each process caches for itself;
 * PostgreSQL is read by a bounded number at once, and whoever is too many is refused at once.
 */
@Global()
@Module({
  providers: [
    { provide: CacheConnection, useFactory: connect, inject: [CacheConfig, RedisConfig, RedisConnection] },
    CacheRedis,
    LoadGate,
    CacheMetrics,
    CacheTools,
    InvalidationBus,
    Caches,
  ],
  exports: [Caches],
})
export class CacheModule {}

function connect(config: CacheConfig, redis: RedisConfig, shared: RedisConnection): RedisConnection {
  const { redisUrl = redis.url } = config;
  return redisUrl === redis.url ? shared : new RedisConnection(Object.assign({}, redis, { url: redisUrl }));
}
