import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { JobQueues } from '../queue/job-queues.js';
import { JobRegistry } from '../queue/job-registry.js';
import { PeriodicTasks } from '../queue/periodic-tasks.js';
import { QueueConfig } from '../queue/queue.config.js';
import { relayTask } from './event-publisher.js';
import { OutboxRepository, type OutboxEvent } from './outbox.repository.js';

const inboxRetentionMs = 7 * 86_400_000;

/**
 * Turns outbox rows into Bull jobs: lease, add, delete. A relay that dies in between leaves its rows leased; after the
 * lease another one adds the same jobs under the same ids. While Redis is away rows just wait.
 */
@Injectable()
export class OutboxRelay implements OnModuleInit {
  private readonly logger = new Logger(OutboxRelay.name);

  constructor(
    private readonly outbox: OutboxRepository,
    private readonly queues: JobQueues,
    private readonly registry: JobRegistry,
    private readonly tasks: PeriodicTasks,
    private readonly config: QueueConfig,
  ) {}

  onModuleInit(): void {
    this.tasks.every(relayTask, this.config.relayInterval, () => this.drain());
    this.tasks.every('inbox-retention', 3_600_000, () => this.outbox.forgetProcessed(inboxRetentionMs));
    this.publishBacklog();
  }

  private async drain(): Promise<void> {
    let taken: number;
    do taken = await this.deliverBatch();
    while (taken === this.config.relayBatch);
  }

  private async deliverBatch(): Promise<number> {
    if (!this.queues.areReachable) return 0;
    const events = await this.outbox.lease(this.config.relayBatch, this.config.relayLease);
    const results = await Promise.allSettled(events.map(event => this.deliver(event)));
    const delivered = events
      .filter((_, index) => results[index]!.status === 'fulfilled')
      .map(event => event.id);
    if (delivered.length > 0) await this.outbox.delete(delivered);
    const failure = results.find(result => result.status === 'rejected');
    if (failure) this.logger.warn({ err: failure.reason as unknown }, 'events stay in the outbox');
    return events.length;
  }

  private async deliver(event: OutboxEvent): Promise<void> {
    for (const job of this.registry.startedBy(event)) {
      const payload = job.schema.parse(event.payload);
      await this.queues.add(job, { payload, eventId: event.id, traceparent: event.traceparent ?? undefined });
    }
  }

  private publishBacklog(): void {
    const { outbox } = this;
    new Gauge({
      name: 'outbox_events',
      help: 'Events waiting in the outbox',
      async collect() {
        const backlog = await outbox.backlog().catch(() => null);
        if (backlog) this.set(backlog.depth);
      },
    });
  }
}
