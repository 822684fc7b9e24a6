import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { JobQueues } from '../queue/job-queues.js';
import { JobRegistry } from '../queue/job-registry.js';
import { PeriodicTasks } from '../queue/periodic-tasks.js';
import { QueueConfig } from '../queue/queue.config.js';
import { relayTask } from './event-publisher.js';
import { OutboxRepository, type OutboxEvent } from './outbox.repository.js';

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
    publish('outbox_events', 'Events waiting in the outbox', async () => (await this.outbox.backlog()).depth);
    publish('outbox_oldest_event_age_seconds', 'How long the oldest event has waited', async () => {
      return (await this.outbox.backlog()).ageSeconds;
    });
  }
}

/** A gauge that is read when scraped, and keeps its last value while PostgreSQL is away. */
function publish(name: string, help: string, read: () => Promise<number>): void {
  new Gauge({
    name,
    help,
    async collect() {
      const value = await read().catch(() => null);
      if (value !== null) this.set(value);
    },
  });
}
