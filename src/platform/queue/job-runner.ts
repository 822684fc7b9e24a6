import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Job } from 'bull';
import type { Histogram } from 'prom-client';
import { runInContext } from '../tracing/request-context.js';
import { SpanKind } from '../tracing/span.js';
import { startWork } from '../tracing/spans.js';
import type { JobDefinition } from './define-job.js';
import { Deliveries } from './deliveries.js';
import { HopelessJob } from './hopeless-job.js';
import type { JobEnvelope } from './job-queues.js';

export const jobDurationMetric = 'job_duration_seconds';

/**
 * Runs one job: checks its payload on arrival, continues its trace, measures it, and says how its delivery ended. Keeps
 * consumers to one line a job.
 */
@Injectable()
export class JobRunner {
  private readonly logger = new Logger(JobRunner.name);

  constructor(
    private readonly deliveries: Deliveries,
    @InjectMetric(jobDurationMetric) private readonly durations: Histogram<'queue' | 'job' | 'outcome'>,
  ) {}

  async run<Payload>(
    definition: JobDefinition<Payload>,
    job: Job<JobEnvelope>,
    work: (payload: Payload, eventId: string) => Promise<void>,
  ): Promise<void> {
    const { eventId, traceparent } = job.data;
    const context = startWork(`process ${definition.name}`, SpanKind.consumer, eventId, traceparent);
    const stop = this.durations.startTimer({ queue: definition.queue, job: definition.name });
    try {
      const payload = definition.schema.parse(job.data.payload);
      await runInContext(context, () => work(payload, eventId));
      await this.deliveries.acknowledge({ eventId, job: definition.name });
      stop({ outcome: 'done' });
    } catch (error) {
      context.span?.fail(error);
      stop({ outcome: 'failed' });
      if (error instanceof HopelessJob) await job.discard();
      await this.buryIfLast(definition.name, job, error);
      throw error;
    } finally {
      context.span?.end();
    }
  }

  /** When even this fails, the delivery stays in the outbox, and comes again after its lease. */
  private async buryIfLast(name: string, job: Job<JobEnvelope>, error: unknown): Promise<void> {
    const attempts = job.attemptsMade + 1;
    if (attempts < (job.opts.attempts ?? 1) && !(error instanceof HopelessJob)) return;
    const delivery = { eventId: job.data.eventId, job: name };
    await this.deliveries
      .bury(delivery, error, attempts)
      .catch((cause: unknown) => this.logger.warn({ err: cause }, 'could not put a dead job aside'));
  }
}
