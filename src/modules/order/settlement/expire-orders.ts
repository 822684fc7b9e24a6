import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { PeriodicTasks } from '../../../platform/queue/periodic-tasks.js';
import { QueueConfig } from '../../../platform/queue/queue.config.js';
import { OrderConfig } from '../order.config.js';
import { OrderRepository } from '../order.repository.js';
import { CancelOrder } from './cancel-order.js';

/** Unpaid orders end: by their own delayed job, and by a sweeper that needs no queue and finds what a lost job left. */
@Injectable()
export class ExpireOrders implements OnModuleInit {
  private readonly logger = new Logger(ExpireOrders.name);

  constructor(
    private readonly orders: OrderRepository,
    private readonly cancelOrder: CancelOrder,
    private readonly tasks: PeriodicTasks,
    private readonly config: OrderConfig,
    private readonly queueConfig: QueueConfig,
  ) {}

  onModuleInit(): void {
    this.tasks.every('order-expiry-sweep', this.queueConfig.sweepInterval, stopping => this.sweep(stopping));
  }

  /** A job that comes before its time (a clock is wrong, somebody promoted it) does nothing: the sweeper comes later. */
  async expire(orderId: string): Promise<void> {
    const order = await this.orders.findOverdue(orderId);
    if (order) await this.cancelOrder.execute(order, 'expired');
  }

  /** All that is overdue, a few at a time; one that cannot be closed now is left alone for `order.sweepRetry`. */
  private async sweep(stopping: AbortSignal): Promise<void> {
    const { sweepGrace, sweepRetry, sweepBatch } = this.config;
    while (!stopping.aborted) {
      const orderIds = await this.orders.claimOverdue(sweepGrace, sweepRetry, sweepBatch);
      await Promise.all(orderIds.map(orderId => this.expireIfPossible(orderId)));
      if (orderIds.length < sweepBatch) return;
    }
  }

  private async expireIfPossible(orderId: string): Promise<void> {
    try {
      await this.expire(orderId);
    } catch (error) {
      this.logger.warn(
        { err: error, order_id: orderId },
        'could not expire an order; a later sweep tries again',
      );
    }
  }
}
