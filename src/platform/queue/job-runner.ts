import { Injectable } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Job } from 'bull';
import type { Histogram } from 'prom-client';
import { runInContext } from '../tracing/request-context.js';
import { failSpan, startWork } from '../tracing/spans.js';
import type { JobDefinition } from './define-job.js';
import type { JobEnvelope } from './job-queues.js';

export const jobDurationMetric = 'job_duration_seconds';

/** Runs one job: checks its payload on arrival, continues its trace, measures it. Keeps consumers to one line a job. */
@Injectable()
export class JobRunner {
  constructor(
    @InjectMetric(jobDurationMetric) private readonly durations: Histogram<'queue' | 'job' | 'outcome'>,
  ) {}

  async run<Payload>(
    definition: JobDefinition<Payload>,
    job: Job<JobEnvelope>,
    work: (payload: Payload, eventId: string) => Promise<void>,
  ): Promise<void> {
    const { eventId, traceparent } = job.data;
    const context = startWork(`process ${definition.name}`, SpanKind.CONSUMER, eventId, traceparent);
    const stop = this.durations.startTimer({ queue: definition.queue, job: definition.name });
    try {
      const payload = definition.schema.parse(job.data.payload);
      await runInContext(context, () => work(payload, eventId));
      stop({ outcome: 'done' });
    } catch (error) {
      if (context.span) failSpan(context.span, error);
      stop({ outcome: 'failed' });
      throw error;
    } finally {
      context.span?.end();
    }
  }
}
