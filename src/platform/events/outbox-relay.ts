import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { JobQueues } from '../queue/job-queues.js';
import { JobRegistry } from '../queue/job-registry.js';
import { PeriodicTasks } from '../queue/periodic-tasks.js';
import { QueueConfig } from '../queue/queue.config.js';
import { OutboxRepository, type Delivery } from './outbox.repository.js';
import { relayTask } from './relay-wakeup.js';

/**
 * Turns outbox rows into Bull jobs: lease, then add. The row stays until its job has taken effect, so whatever happens
 * to the relay, to Redis or to the worker, it is added again after the lease, under the same id; a job that is still
 * waiting there is not doubled. While Redis is away rows just wait.
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
    const deliveries = await this.outbox.lease(this.config.relayBatch, this.config.relayLease);
    const results = await Promise.allSettled(deliveries.map(delivery => this.deliver(delivery)));
    const late = deliveries.filter((_, index) => results[index]!.status === 'rejected');
    await this.outbox.postpone(late, this.config.relayLease);
    const failure = results.find(result => result.status === 'rejected');
    if (failure) this.logger.warn({ err: failure.reason as unknown }, 'events stay in the outbox');
    return deliveries.length;
  }

  /** A job that is not known here was started by another version of the shop: it waits for one that knows it. */
  private async deliver({ id: eventId, job: name, payload, traceparent }: Delivery): Promise<void> {
    const job = this.registry.find(name);
    if (!job) throw new Error(`no job here is called ${name}`);
    await this.queues.add(job, {
      payload: job.schema.parse(payload),
      eventId,
      traceparent: traceparent ?? undefined,
    });
  }

  private publishBacklog(): void {
    const { outbox } = this;
    publish('outbox_events', 'Deliveries that are due and have not taken effect', async gauge =>
      gauge.set((await outbox.backlog()).depth),
    );
    publish('outbox_oldest_event_age_seconds', 'How long the oldest of them is due', async gauge =>
      gauge.set((await outbox.backlog()).ageSeconds),
    );
    publish('dead_letters', 'Deliveries that gave up and wait to be redriven', async gauge =>
      gauge.set(await outbox.countDeadLetters()),
    );
  }
}

/** A gauge that is read when scraped, the same by all processes, and keeps its last value while PostgreSQL is away. */
function publish(name: string, help: string, read: (gauge: Gauge) => Promise<void>): void {
  new Gauge({
    name,
    help,
    aggregator: 'max',
    async collect() {
      await read(this).catch(() => undefined);
    },
  });
}
