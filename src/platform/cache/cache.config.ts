import { configSlice } from '../config/config-slice.js';
import { connectionUrl, duration, flag, int, ratio } from '../config/fields.js';

export class CacheConfig extends configSlice('cache', {
  enabled: flag().default(true).describe('false: every read goes to PostgreSQL'),
  redisUrl: connectionUrl(/^rediss?$/, 'redis://127.0.0.1:6379')
    .optional()
    .meta({ env: 'CACHE_REDIS_URL', secret: true })
    .describe('Redis for cached values (may evict, e.g. allkeys-lru); default: redis.url'),
  redisTimeout: duration({ min: '1ms' })
    .prefault('100ms')
    .describe('longest wait for this Redis; then the caller goes on without it'),
  redisPause: duration({ min: '10ms' })
    .prefault('1s')
    .describe('after a failure this Redis is not asked again for so long'),
  localEnabled: flag().default(true).describe('false: values are kept in Redis only, and every read asks it'),
  maxEntries: int(1, 1_000_000).default(10_000).describe('most values of one cache in this process'),
  maxBytes: int(1_024, 4_294_967_296)
    .default(16_777_216)
    .describe('most bytes of values of one cache in this process'),
  maxValueBytes: int(1, 536_870_912)
    .default(1_048_576)
    .describe('a value of more bytes is served and not kept, neither here nor in Redis'),
  ttlJitter: ratio()
    .default(0.1)
    .describe('values go stale up to this share of their time earlier, so that not all do at once'),
  maxLoads: int(1, 1_000)
    .default(8)
    .describe('values read from PostgreSQL at once by one process, all caches together'),
  maxWaitingLoads: int(0, 100_000)
    .default(500)
    .describe('reads that may wait for their turn; one more is a 503 at once'),
  loadWait: duration({ min: '1ms' }).prefault('1s').describe('longest wait for a turn, then 503'),
  shareLoads: flag()
    .default(true)
    .describe('whether one process reads a missing value while the others wait for it'),
  loadLock: duration({ min: '100ms' })
    .prefault('5s')
    .describe('a process that reads a value for all others is given up after this'),
  sharedLoadWait: duration({ min: '1ms' })
    .prefault('1s')
    .describe('longest wait for the value that another process reads; then this one reads it too'),
  errorPause: duration({ min: '1ms' })
    .prefault('1s')
    .describe('after a failed read an old value that may stand in is served at once for so long'),
  maxUnsentInvalidations: int(0, 1_000_000)
    .default(1_000)
    .describe(
      'invalidations kept for when Redis comes back; beyond it the other processes drop all they hold',
    ),
}) {}
