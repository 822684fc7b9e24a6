import { availableParallelism } from 'node:os';
import { configSlice } from '../config/config-slice.js';
import { connectionUrl, duration, int } from '../config/fields.js';

export class DatabaseConfig extends configSlice('database', {
  url: connectionUrl(/^postgres(ql)?$/, 'postgres://user:password@127.0.0.1:5432/minnow')
    .meta({ env: 'DATABASE_URL', secret: true })
    .describe('PostgreSQL, the only place where orders, stock and money are true'),
  poolMax: int(2, 100)
    .optional()
    .describe(
      'most connections of one process; default 4 a core, divided among web.concurrency, and 10 to 50',
    ),
  poolMin: int(0, 20).default(2).describe('connections kept open while idle'),
  idleTimeout: duration({ min: '100ms' })
    .prefault('5m')
    .describe('an idle connection above poolMin closes after this'),
  maxLifetime: duration({ min: '1s' }).prefault('30m').describe('a connection is replaced after this'),
  acquireTimeout: duration({ min: '10ms' })
    .prefault('2s')
    .describe('longest wait for a connection, then 503'),
  statementTimeout: duration({ min: '10ms' })
    .prefault('4s')
    .describe('longest statement; below http.requestTimeout'),
  lockTimeout: duration({ min: '10ms' }).prefault('2s').describe('longest wait for a row lock'),
  idleInTransactionTimeout: duration({ min: '100ms' })
    .prefault('10s')
    .describe('PostgreSQL ends a forgotten transaction after this'),
  preparedMax: int(0, 10_000)
    .default(500)
    .describe('statements that are planned once a connection instead of once a call; 0 plans each call'),
  slowStatement: duration({ min: '1ms' })
    .prefault('200ms')
    .describe('statements slower than this are logged'),
  connectPatience: duration()
    .prefault('30s')
    .describe('at start: how long to wait for PostgreSQL before giving up'),
}) {}

/**
 * PostgreSQL works best with few connections a core; more of them only queue inside the server instead of here. So
 * processes on one port divide what one of them would have, down to what each needs to read and write at once.
 */
export function poolMaxOf(
  { poolMax }: DatabaseConfig,
  processes: number,
  cores = availableParallelism(),
): number {
  return poolMax ?? Math.min(50, Math.max(10, Math.ceil((cores * 4) / processes)));
}
