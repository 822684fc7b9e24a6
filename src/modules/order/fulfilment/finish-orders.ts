import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PeriodicTasks, type TaskWork } from '../../../platform/queue/periodic-tasks.js';
import { QueueConfig } from '../../../platform/queue/queue.config.js';
import { OrderConfig } from '../order.config.js';
import { ShipmentRepository } from './shipment.repository.js';

/** Orders end although nobody taps anything: received some days after they were shipped, completed some days later. */
@Injectable()
export class FinishOrders implements OnModuleInit {
  constructor(
    private readonly shipments: ShipmentRepository,
    private readonly tasks: PeriodicTasks,
    private readonly config: OrderConfig,
    private readonly queueConfig: QueueConfig,
  ) {}

  onModuleInit(): void {
    const { autoReceiveAfter, autoCompleteAfter } = this.config;
    const { sweepInterval } = this.queueConfig;
    const receive = this.inBatches(limit => this.shipments.receiveOverdue(autoReceiveAfter, limit));
    const complete = this.inBatches(limit => this.shipments.completeOverdue(autoCompleteAfter, limit));
    this.tasks.every('order-auto-receive', sweepInterval, receive);
    this.tasks.every('order-auto-complete', sweepInterval, complete);
  }

  private inBatches(finish: (limit: number) => Promise<number>): TaskWork {
    const { sweepBatch } = this.config;
    return async stopping => {
      while (!stopping.aborted && (await finish(sweepBatch)) === sweepBatch);
    };
  }
}
