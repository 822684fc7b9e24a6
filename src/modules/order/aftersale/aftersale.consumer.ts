import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import type { JobEnvelope } from '../../../platform/queue/job-queues.js';
import { JobRunner } from '../../../platform/queue/job-runner.js';
import { afterSaleQueue, ApplyRefund } from './aftersale.jobs.js';
import { ApplyRefundToOrder } from './apply-refund.js';

@Processor(afterSaleQueue)
export class AfterSaleConsumer {
  constructor(
    private readonly runner: JobRunner,
    private readonly applyRefund: ApplyRefundToOrder,
  ) {}

  @Process({ name: ApplyRefund.name, concurrency: 4 })
  apply(job: Job<JobEnvelope>): Promise<void> {
    return this.runner.run(ApplyRefund, job, (outcome, eventId) =>
      this.applyRefund.onEvent(eventId, outcome),
    );
  }
}
