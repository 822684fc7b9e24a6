import pg from 'pg';
import { DataSource, type DataSourceOptions, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { ConnectionPool, type PoolSettings } from './connection-pool.js';
import type { DatabaseConfig } from './database.config.js';
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
): DataSource {
  const options: DataSourceOptions = {
    type: 'postgres',
    driver: { ...pg, Pool: ConnectionPool },
    url: config.url,
    applicationName: 'minnow',
    entities: [...entities] as NonNullable<DataSourceOptions['entities']>,
    logger: new StatementLogger(),
    extra: poolSettings(config, observer),
  };
  return new DataSource(options);
}

function poolSettings(config: DatabaseConfig, observer: StatementObserver): PoolSettings {
  const names = config.preparedMax > 0 ? new StatementNames(config.preparedMax) : undefined;
  return {
    // The server cancels first; this ends waiting for a server that has stopped answering at all.
    Client: poolClient({ names, observer, stalledMs: config.statementTimeout + 500 }),
    max: config.poolMax,
    min: Math.min(config.poolMin, config.poolMax),
    maxWaiting: config.maxWaiting,
    leakWarningMs: config.leakWarning,
    idleTimeoutMillis: config.idleTimeout,
    maxLifetimeSeconds: config.maxLifetime / 1_000,
    connectionTimeoutMillis: config.acquireTimeout,
    statement_timeout: config.statementTimeout,
    lock_timeout: config.lockTimeout,
    idle_in_transaction_session_timeout: config.idleInTransactionTimeout,
    keepAlive: true,
    options: planning,
  };
}

/**
 * PostgreSQL takes it that a page from anywhere costs four times as much as the next one, as on a turning disk, and so
 * would rather read a whole table of some hundred products than look up the one of an order.
 */
const planning = '-c random_page_cost=1.1';

/** The pool below TypeORM, for statements that need none of it. */
export function poolOf(dataSource: DataSource): ConnectionPool {
  return (dataSource.driver as unknown as { readonly master: ConnectionPool }).master;
}
