import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import type { JobEnvelope } from '../../platform/queue/job-queues.js';
import { JobRunner } from '../../platform/queue/job-runner.js';
import { ApplyPaymentToOrder } from './apply-payment.js';
import { ExpireOrders } from './expire-orders.js';
import { ApplyPayment, ExpireOrder, orderQueue } from './order.jobs.js';

@Processor(orderQueue)
export class OrderConsumer {
  constructor(
    private readonly runner: JobRunner,
    private readonly expireOrders: ExpireOrders,
    private readonly applyPayment: ApplyPaymentToOrder,
  ) {}

  @Process({ name: ExpireOrder.name, concurrency: 4 })
  expire(job: Job<JobEnvelope>): Promise<void> {
    return this.runner.run(ExpireOrder, job, ({ orderId }) => this.expireOrders.expire(orderId));
  }

  @Process({ name: ApplyPayment.name, concurrency: 4 })
  pay(job: Job<JobEnvelope>): Promise<void> {
    return this.runner.run(ApplyPayment, job, ({ reference, paidAt }, eventId) =>
      this.applyPayment.onEvent(eventId, reference, new Date(paidAt)),
    );
  }
}
