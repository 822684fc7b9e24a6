import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
import type { ConnectionPool } from './connection-pool.js';
import { poolOf } from './data-source.js';

/** USE metrics of the request pool, read when scraped. */
@Injectable()
export class PoolMetrics {
  constructor(dataSource: DataSource) {
    const pool = () => poolOf(dataSource);
    new Gauge({
      name: 'db_client_connections',
      help: 'PostgreSQL connections of this process by state',
      labelNames: ['state'],
      collect() {
        const { totalCount, idleCount } = pool();
        this.set({ state: 'idle' }, idleCount);
        this.set({ state: 'used' }, totalCount - idleCount);
      },
    });
    new Gauge({
      name: 'db_client_connection_pending_requests',
      help: 'Requests waiting for a PostgreSQL connection',
      collect() {
        this.set(pool().waitingCount);
      },
    });
    new Gauge({
      name: 'db_client_connection_max',
      help: 'Upper bound of PostgreSQL connections of this process',
      collect() {
        this.set(pool().options.max);
      },
    });
    countAll(() => poolOf(dataSource));
  }
}

function countAll(pool: () => ConnectionPool): void {
  count('db_client_connections_opened_total', 'PostgreSQL connections opened', () => pool().counts.opened);
  count('db_client_connections_lost_total', 'PostgreSQL connections that broke', () => pool().counts.lost);
  count(
    'db_client_connections_retired_total',
    'PostgreSQL connections closed because they were old or idle',
    () => pool().counts.retired,
  );
  count(
    'db_client_connection_refusals_total',
    'Requests for a PostgreSQL connection refused because too many wait',
    () => pool().counts.refused,
  );
  count(
    'db_client_connection_leaks_total',
    'PostgreSQL connections kept by one caller for longer than database.leakWarning',
    () => pool().leaks,
  );
}

/** The pool counts by itself, also while nobody scrapes. */
function count(name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}
