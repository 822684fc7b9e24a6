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
    this.tasks.every(relayTask, this.config.relayInterval, stopping => this.drain(stopping));
    this.tasks.retain('inbox-retention', limit => this.outbox.forgetProcessed(inboxRetentionMs, limit));
    this.publishBacklog();
  }

  private async drain(stopping: AbortSignal): Promise<void> {
    let taken: number;
    do taken = await this.deliverBatch();
    while (taken === this.config.relayBatch && !stopping.aborted);
  }

  private async deliverBatch(): Promise<number> {
    if (!this.queues.areReachable) return 0;
    const events = await this.outbox.lease(this.config.relayBatch, this.config.relayLease);
    const results = await Promise.allSettled(events.map(event => this.deliver(event)));
    const idsOf = (status: string): string[] =>
      events.filter((_, index) => results[index]!.status === status).map(({ id }) => id);
    await this.outbox.delete(idsOf('fulfilled'));
    await this.outbox.postpone(idsOf('rejected'), this.config.relayLease);
    const failure = results.find(result => result.status === 'rejected');
    if (failure) this.logger.warn({ err: failure.reason as unknown }, 'events stay in the outbox');
    return events.length;
  }

  /** An event that starts no job here was written by another version of the shop: it waits for one that knows it. */
  private async deliver(event: OutboxEvent): Promise<void> {
    const jobs = this.registry.startedBy(event);
    if (jobs.length === 0) throw new Error(`no job here is started by ${event.name}`);
    for (const job of jobs) {
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
