import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { RefundRepository } from './refund.repository.js';

/** Refunds that have not come to a good end, read when scraped: what grows or grows old here waits for a person. */
@Injectable()
export class RefundMetrics {
  constructor(refunds: RefundRepository) {
    // All processes read the same.
    const common = { labelNames: ['status'], aggregator: 'max' } as const;
    const age = new Gauge({
      name: 'refunds_oldest_open_age_seconds',
      help: 'How long ago the oldest refund was requested that has not ended, by status',
      ...common,
    });
    new Gauge({
      name: 'refunds_open',
      help: 'Refunds that have not ended, by status',
      ...common,
      // Both keep their last value while PostgreSQL is away.
      async collect() {
        for (const { status, count, ageSeconds } of await refunds.countOpen().catch(() => [])) {
          this.set({ status }, count);
          age.set({ status }, ageSeconds);
        }
      },
    });
  }
}
