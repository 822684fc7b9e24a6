import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import type { JobEnvelope } from '../../../platform/queue/job-queues.js';
import { JobRunner } from '../../../platform/queue/job-runner.js';
import { ExpireOrder, orderExpiryQueue } from './order.jobs.js';
import { ExpireOrders } from './expire-orders.js';

@Processor(orderExpiryQueue)
export class OrderExpiryConsumer {
  constructor(
    private readonly runner: JobRunner,
    private readonly expireOrders: ExpireOrders,
  ) {}

  @Process({ name: ExpireOrder.name, concurrency: 4 })
  expire(job: Job<JobEnvelope>): Promise<void> {
    return this.runner.run(ExpireOrder, job, ({ orderId }) => this.expireOrders.expire(orderId));
  }
}
