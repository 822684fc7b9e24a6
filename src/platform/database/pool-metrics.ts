import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
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
  }
}
