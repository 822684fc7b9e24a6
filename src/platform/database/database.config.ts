import { configSlice } from '../config/config-slice.js';
import { connectionUrl, duration, int } from '../config/fields.js';

export class DatabaseConfig extends configSlice('database', {
  url: connectionUrl(/^postgres(ql)?$/, 'postgres://user:password@127.0.0.1:5432/minnow')
    .meta({ env: 'DATABASE_URL', secret: true })
    .describe('PostgreSQL, the only place where orders, stock and money are true'),
  // PostgreSQL works best with few connections a core; more of them only queue inside the server instead of here.
  poolMax: int(1, 100)
    .default(10)
    .describe('most connections of one process; all processes together stay below max_connections'),
  poolMin: int(0, 100)
    .default(10)
    .describe('connections kept open while idle; above poolMax it means poolMax'),
  maxWaiting: int(0, 100_000)
    .default(2_000)
    .describe('callers that may wait for a connection; one more is a 503 at once'),
  idleTimeout: duration({ min: '100ms' })
    .prefault('5m')
    .describe('an idle connection above poolMin closes after this'),
  maxLifetime: duration({ min: '1s' })
    .prefault('30m')
    .describe('a connection is replaced after this, or up to a tenth earlier'),
  acquireTimeout: duration({ min: '10ms' })
    .prefault('2s')
    .describe('longest wait for a connection, then 503'),
  leakWarning: duration()
    .prefault('10s')
    .describe(
      'a connection that one caller keeps for longer is logged, later ones with their stack; 0: never',
    ),
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
  batchMax: int(1, 1_000)
    .default(100)
    .describe('most ids that one statement reads for requests which come together; 1 reads each alone'),
  slowStatement: duration({ min: '1ms' })
    .prefault('200ms')
    .describe('statements slower than this are logged'),
  connectPatience: duration()
    .prefault('30s')
    .describe('at start: how long to wait for PostgreSQL before giving up'),
}) {}
