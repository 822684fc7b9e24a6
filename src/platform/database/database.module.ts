import { setTimeout as pause } from 'node:timers/promises';
import {
  Global,
  Injectable,
  Logger,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { getToken, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { DataSource } from 'typeorm';
import type { Histogram } from 'prom-client';
import { Drain } from '../lifecycle/drain.js';
import { BatchedReads } from './batched-reads.js';
import { createDataSource, poolOf, type EntityClass } from './data-source.js';
import { DatabaseConfig } from './database.config.js';
import { DatabaseProbe } from './database-probe.js';
import { Notifications } from './notifications.js';
import { PoolMetrics } from './pool-metrics.js';
import { StatementObserver } from './statement-observer.js';
import { Transactor } from './transactor.js';

const entities = new Set<EntityClass>();
const queryDuration = 'db_client_operation_duration_seconds';

@Injectable()
class DatabaseShutdown implements OnApplicationShutdown {
  constructor(
    private readonly dataSource: DataSource,
    private readonly drain: Drain,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.drain.finished();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}

/**
 * PostgreSQL through TypeORM's pool, the ambient transaction, and what operators see of both.
 * Promise: every wait (connection, lock, statement) is bounded and ends in 503 `database.unavailable`.
 */
@Global()
@Module({
  providers: [
    {
      provide: DataSource,
      useFactory: connect,
      inject: [DatabaseConfig, getToken(queryDuration)],
    },
    makeHistogramProvider({
      name: queryDuration,
      help: 'Duration of SQL statements by operation',
      labelNames: ['operation'],
      buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    }),
    Transactor,
    BatchedReads,
    DatabaseProbe,
    Notifications,
    PoolMetrics,
    DatabaseShutdown,
  ],
  exports: [DataSource, Transactor, BatchedReads, DatabaseProbe, Notifications],
})
export class DatabaseModule {
  /** Registers a module's entities before the data source is made. */
  static forFeature(...classes: EntityClass[]): DynamicModule {
    for (const entity of classes) entities.add(entity);
    return { module: DatabaseFeature, providers: [], exports: [] };
  }
}

@Module({})
class DatabaseFeature {}

async function connect(config: DatabaseConfig, durations: Histogram<'operation'>): Promise<DataSource> {
  const logger = new Logger('Database');
  const observer = new StatementObserver(durations, config.slowStatement);
  const dataSource = createDataSource(config, [...entities], observer);
  const deadline = Date.now() + config.connectPatience;
  for (;;) {
    try {
      await dataSource.initialize();
      poolOf(dataSource).keepWarm();
      return dataSource;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      logger.warn(`PostgreSQL is not there yet: ${error instanceof Error ? error.message : String(error)}`);
      await pause(500);
    }
  }
}
