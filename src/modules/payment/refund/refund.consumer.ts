import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import type { JobEnvelope } from '../../../platform/queue/job-queues.js';
import { JobRunner } from '../../../platform/queue/job-runner.js';
import { refundQueue, SendRefund } from './refund.jobs.js';
import { SettleRefund } from './settle-refund.js';

@Processor(refundQueue)
export class RefundConsumer {
  constructor(
    private readonly runner: JobRunner,
    private readonly settleRefund: SettleRefund,
  ) {}

  @Process({ name: SendRefund.name, concurrency: 4 })
  send(job: Job<JobEnvelope>): Promise<void> {
    return this.runner.run(SendRefund, job, ({ refundNo }) => this.settleRefund.execute(refundNo));
  }
}
