import type pg from 'pg';
import { DataSource, type DataSourceOptions, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { poolMaxOf, type DatabaseConfig } from './database.config.js';
import { poolClient } from './pool-client.js';
import { StatementNames } from './prepared-statements.js';
import { StatementLogger } from './statement-logger.js';
import type { StatementObserver } from './statement-observer.js';

export type EntityClass = EntityTarget<ObjectLiteral>;

/** A bounded pool: nobody waits longer than `acquireTimeout` for a connection or `statementTimeout` for an answer. */
export function createDataSource(
  config: DatabaseConfig,
  entities: readonly EntityClass[],
  observer: StatementObserver,
  processes = 1,
): DataSource {
  const names = config.preparedMax > 0 ? new StatementNames(config.preparedMax) : undefined;
  const options: DataSourceOptions = {
    type: 'postgres',
    url: config.url,
    applicationName: 'minnow',
    entities: [...entities] as NonNullable<DataSourceOptions['entities']>,
    poolSize: poolMaxOf(config, processes),
    logger: new StatementLogger(),
    extra: {
      Client: poolClient(names, observer),
      min: config.poolMin,
      idleTimeoutMillis: config.idleTimeout,
      maxLifetimeSeconds: config.maxLifetime / 1_000,
      connectionTimeoutMillis: config.acquireTimeout,
      statement_timeout: config.statementTimeout,
      // The server cancels first; this ends waiting for a server that has stopped answering at all.
      query_timeout: config.statementTimeout + 500,
      lock_timeout: config.lockTimeout,
      idle_in_transaction_session_timeout: config.idleInTransactionTimeout,
      keepAlive: true,
    },
  };
  return new DataSource(options);
}

/** The pool below TypeORM, for statements that need none of it. */
export function poolOf(dataSource: DataSource): pg.Pool {
  return (dataSource.driver as unknown as { readonly master: pg.Pool }).master;
}
