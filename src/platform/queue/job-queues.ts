import { getQueueToken } from '@nestjs/bull';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import type { Queue } from 'bull';
import { Gauge } from 'prom-client';
import { settlesWithin } from '../concurrency/settles-within.js';
import type { AnyJob } from './define-job.js';
import { jitteredBackoff } from './backoff.js';
import { JobRegistry } from './job-registry.js';
import { QueueConfig } from './queue.config.js';

/** Metadata that @nestjs/bull's `@Processor` and `@Process` leave behind. */
const processorKey = 'bull:module_queue';
const processKey = 'bull:module_queue_process';

/** What travels through Redis: the payload, and the trace it belongs to (Bull 4 has no headers). */
export interface JobEnvelope {
  readonly payload: unknown;
  readonly eventId: string;
  readonly traceparent?: string;
}

/** The queues by name: adding jobs, the boot check, depth metrics, and taking part in the shutdown. */
@Injectable()
export class JobQueues implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(JobQueues.name);
  private readonly queues = new Map<string, Queue<JobEnvelope>>();

  constructor(
    private readonly registry: JobRegistry,
    private readonly config: QueueConfig,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** Adds a job whose Bull id is the event's, so that a repeated delivery adds nothing. Rejects while Redis is away. */
  async add(job: AnyJob, envelope: JobEnvelope): Promise<void> {
    const dueAt = job.dueAt?.(envelope.payload as never);
    await this.queue(job.queue).add(job.name, envelope, {
      jobId: `${envelope.eventId}/${job.name}`,
      delay: dueAt ? Math.max(0, dueAt.getTime() - Date.now()) : 0,
      attempts: job.attempts,
      backoff: { type: jitteredBackoff, options: { baseMs: job.backoffMs } },
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    const problems = this.registry.problems(this.consumed());
    if (problems.length > 0) throw new Error(`jobs and consumers do not match:\n  ${problems.join('\n  ')}`);
    for (const name of this.names()) this.watch(name);
    if (!this.config.consume) await Promise.all(this.all().map(queue => queue.pause(true, true)));
    this.publishDepth();
  }

  /** Stops taking new jobs first; @nestjs/bull then closes the queues and waits for the running ones. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.all().map(queue => this.stopTaking(queue)));
  }

  /** Requests are still served now, and must not wait for a Redis that is frozen: then its connections are cut. */
  private async stopTaking(queue: Queue): Promise<void> {
    const paused = queue.pause(true, true).catch(() => undefined);
    if (await settlesWithin(paused, this.config.commandTimeout)) return;
    this.logger.warn({ queue: queue.name }, 'Redis does not answer: leaving the queue without a goodbye');
    for (const client of queue.clients) client.disconnect();
    // @nestjs/bull closes one queue after the other, and each waits for Redis anew: their waits must not add up.
    void queue.close().catch(() => undefined);
  }

  /** False while Redis is away, so that callers need not try. */
  get areReachable(): boolean {
    return this.all().every(queue => queue.client.status === 'ready');
  }

  names(): readonly string[] {
    return [...new Set(this.registry.jobs.map(job => job.queue))];
  }

  all(): readonly Queue<JobEnvelope>[] {
    return this.names().map(name => this.queue(name));
  }

  private queue(name: string): Queue<JobEnvelope> {
    const known = this.queues.get(name);
    if (known) return known;
    const queue = this.moduleRef.get<Queue<JobEnvelope>>(getQueueToken(name), { strict: false });
    this.queues.set(name, queue);
    return queue;
  }

  private watch(name: string): void {
    let away = false;
    const queue = this.queue(name);
    queue.on('error', (error: Error) => {
      if (!away)
        this.logger.warn(
          { err: error, queue: name },
          'the queue cannot reach Redis; events wait in the outbox',
        );
      away = true;
    });
    queue.on('failed', (job, error: Error) => {
      this.logger.warn({ err: error, queue: name, job: job.name, attempt: job.attemptsMade }, 'job failed');
    });
    queue.client.on('ready', () => (away = false));
  }

  private consumed(): string[] {
    return this.discovery.getProviders().flatMap(({ instance, metatype }) => {
      if (!metatype || !instance) return [];
      const processor = Reflect.getMetadata(processorKey, metatype) as { name: string } | undefined;
      return processor ? this.handlersOf(instance as object, processor.name) : [];
    });
  }

  private handlersOf(instance: object, queue: string): string[] {
    const prototype = Object.getPrototypeOf(instance) as Record<string, object>;
    return this.scanner
      .getAllMethodNames(prototype)
      .map(method => Reflect.getMetadata(processKey, prototype[method]!) as { name?: string } | undefined)
      .filter(meta => meta !== undefined)
      .map(meta => `${queue}/${meta.name}`);
  }

  private publishDepth(): void {
    const queues = this.all();
    new Gauge({
      name: 'queue_jobs',
      help: 'Jobs in Bull by queue and state; absent while Redis is away',
      labelNames: ['queue', 'state'],
      // All processes see the same.
      aggregator: 'max',
      async collect() {
        this.reset();
        await Promise.all(queues.map(queue => setDepth(this, queue)));
      },
    });
  }
}

async function setDepth(gauge: Gauge<'queue' | 'state'>, queue: Queue): Promise<void> {
  const counts = await queue.getJobCounts().catch(() => null);
  if (!counts) return;
  for (const [state, count] of Object.entries(counts) as [string, number][])
    gauge.set({ queue: queue.name, state }, count);
}
