import { configSlice } from '../config/config-slice.js';
import { connectionUrl, duration, flag, int } from '../config/fields.js';

export class QueueConfig extends configSlice('queue', {
  redisUrl: connectionUrl(/^rediss?$/, 'redis://127.0.0.1:6379')
    .optional()
    .meta({ env: 'QUEUE_REDIS_URL', secret: true })
    .describe('Redis for queues (maxmemory-policy noeviction); default: redis.url'),
  commandTimeout: duration({ min: '10ms' })
    .prefault('1s')
    .describe('longest wait for an answer of this Redis; then events wait in the outbox'),
  consume: flag().default(true).describe('whether this process works on jobs and periodic tasks'),
  relayInterval: duration({ min: '10ms' })
    .prefault('500ms')
    .describe('how often the outbox is looked at when nothing wakes the relay'),
  relayBatch: int(1, 1_000).default(100).describe('outbox rows leased at once'),
  relayLease: duration({ min: '1s' }).prefault('30s').describe('a relay that died keeps its rows this long'),
  lockDuration: duration({ min: '500ms' })
    .prefault('10s')
    .describe('a job whose process died is taken up by another one after at most twice this'),
  sweepInterval: duration({ min: '50ms' })
    .prefault('30s')
    .describe('how often unpaid orders and expired keys are looked for'),
}) {}
