import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Histogram } from 'prom-client';
import { Deliveries, type DeliveryId } from '../queue/deliveries.js';
import { OutboxRepository } from './outbox.repository.js';
import { RelayWakeup } from './relay-wakeup.js';

export const eventLagMetric = 'event_lag_seconds';

/** How deliveries end: done, or dead. Either way the next one with the same key may go. */
@Injectable()
export class Outbox extends Deliveries {
  private readonly logger = new Logger(Outbox.name);

  constructor(
    private readonly outbox: OutboxRepository,
    private readonly wakeup: RelayWakeup,
    @InjectMetric(eventLagMetric) private readonly lag: Histogram<'job'>,
  ) {
    super();
  }

  async acknowledge(delivery: DeliveryId): Promise<void> {
    const done = await this.outbox.remove(delivery);
    if (!done) return;
    this.lag.observe({ job: delivery.job }, done.lagSeconds);
    if (done.isOrdered) this.wakeup.send();
  }

  async bury(delivery: DeliveryId, error: unknown, attempts: number): Promise<void> {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await this.outbox.bury(delivery, text.slice(0, 4_000), attempts);
    this.wakeup.send();
    this.logger.error({ err: error, event_id: delivery.eventId, job: delivery.job }, 'a job gave up');
  }
}
