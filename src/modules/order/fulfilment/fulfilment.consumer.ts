import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import type { JobEnvelope } from '../../../platform/queue/job-queues.js';
import { JobRunner } from '../../../platform/queue/job-runner.js';
import { SendShippedMessage } from '../message/send-shipped-message.js';
import { AnnounceShipment, fulfilmentQueue, UploadShipping } from './fulfilment.jobs.js';
import { UploadShippingInfo } from './upload-shipping-info.js';

@Processor(fulfilmentQueue)
export class FulfilmentConsumer {
  constructor(
    private readonly runner: JobRunner,
    private readonly uploadShippingInfo: UploadShippingInfo,
    private readonly sendShippedMessage: SendShippedMessage,
  ) {}

  @Process({ name: UploadShipping.name, concurrency: 4 })
  upload(job: Job<JobEnvelope>): Promise<void> {
    return this.runner.run(UploadShipping, job, ({ orderId }) => this.uploadShippingInfo.execute(orderId));
  }

  @Process({ name: AnnounceShipment.name, concurrency: 4 })
  announce(job: Job<JobEnvelope>): Promise<void> {
    return this.runner.run(AnnounceShipment, job, ({ orderId }) => this.sendShippedMessage.execute(orderId));
  }
}
