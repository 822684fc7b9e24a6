import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import type { JobEnvelope } from '../../../platform/queue/job-queues.js';
import { JobRunner } from '../../../platform/queue/job-runner.js';
import { refundQueue, SendRefund } from './refund.jobs.js';
import { RefundPace } from './refund-pace.js';
import { SettleRefund } from './settle-refund.js';

@Processor(refundQueue)
export class RefundConsumer {
  constructor(
    private readonly runner: JobRunner,
    private readonly settleRefund: SettleRefund,
    private readonly pace: RefundPace,
  ) {}

  @Process({ name: SendRefund.name, concurrency: 4 })
  send(job: Job<JobEnvelope>): Promise<void> {
    return this.runner.run(SendRefund, job, ({ refundNo }) => this.settle(refundNo));
  }

  /** While WeChat wants less of us, refunds are left to the poller: it takes them one after the other. */
  private async settle(refundNo: string): Promise<void> {
    if (!this.pace.isSlow) await this.settleRefund.execute(refundNo);
  }
}
