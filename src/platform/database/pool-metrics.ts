import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
import { counterWhenScraped, gaugeWhenScraped } from '../metrics/when-scraped.js';
import type { ConnectionPool } from './connection-pool.js';
import { poolOf } from './data-source.js';

/** USE metrics of the request pool, read when scraped. */
@Injectable()
export class PoolMetrics {
  constructor(dataSource: DataSource) {
    // Once, because a data source that is closed knows it no more.
    const pool = poolOf(dataSource);
    new Gauge({
      name: 'db_client_connections',
      help: 'PostgreSQL connections of this process by state',
      labelNames: ['state'],
      collect() {
        const { totalCount, idleCount } = pool;
        this.set({ state: 'idle' }, idleCount);
        this.set({ state: 'used' }, totalCount - idleCount);
      },
    });
    gaugeWhenScraped(
      'db_client_connection_pending_requests',
      'Requests waiting for a PostgreSQL connection',
      () => pool.waitingCount,
    );
    gaugeWhenScraped(
      'db_client_connection_max',
      'Upper bound of PostgreSQL connections of this process',
      () => pool.options.max,
    );
    countAll(pool);
  }
}

function countAll(pool: ConnectionPool): void {
  counterWhenScraped(
    'db_client_connections_opened_total',
    'PostgreSQL connections opened',
    () => pool.counts.opened,
  );
  counterWhenScraped(
    'db_client_connections_lost_total',
    'PostgreSQL connections that broke',
    () => pool.counts.lost,
  );
  counterWhenScraped(
    'db_client_connections_retired_total',
    'PostgreSQL connections closed because they were old or idle',
    () => pool.counts.retired,
  );
  counterWhenScraped(
    'db_client_connection_refusals_total',
    'Requests for a PostgreSQL connection refused because too many wait',
    () => pool.counts.refused,
  );
  counterWhenScraped(
    'db_client_connection_leaks_total',
    'PostgreSQL connections kept by one caller for longer than database.leakWarning',
    () => pool.leaks,
  );
}
