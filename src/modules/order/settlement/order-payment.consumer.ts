import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import type { JobEnvelope } from '../../../platform/queue/job-queues.js';
import { JobRunner } from '../../../platform/queue/job-runner.js';
import { ApplyPaymentToOrder } from './apply-payment.js';
import { ApplyPayment, orderQueue } from './order.jobs.js';

@Processor(orderQueue)
export class OrderPaymentConsumer {
  constructor(
    private readonly runner: JobRunner,
    private readonly applyPayment: ApplyPaymentToOrder,
  ) {}

  @Process({ name: ApplyPayment.name, concurrency: 4 })
  pay(job: Job<JobEnvelope>): Promise<void> {
    return this.runner.run(ApplyPayment, job, ({ reference, paidAt }, eventId) =>
      this.applyPayment.onEvent(eventId, reference, new Date(paidAt)),
    );
  }
}
