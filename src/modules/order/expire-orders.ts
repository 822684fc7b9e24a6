import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { PeriodicTasks } from '../../platform/queue/periodic-tasks.js';
import { QueueConfig } from '../../platform/queue/queue.config.js';
import { CancelOrder } from './cancel-order.js';
import { OrderConfig } from './order.config.js';
import { OrderRepository } from './order.repository.js';

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
    this.tasks.every('order-expiry-sweep', this.queueConfig.sweepInterval, () => this.sweep());
  }

  async expire(orderId: string): Promise<void> {
    const order = await this.orders.find(orderId);
    if (order) await this.cancelOrder.execute(order, 'expired');
  }

  /** One order that cannot be closed now (WeChat is away) must not keep the others waiting. */
  private async sweep(): Promise<void> {
    for (const orderId of await this.orders.listOverdue(this.config.sweepGrace, this.config.sweepBatch)) {
      await this.expire(orderId).catch((error: unknown) => {
        this.logger.warn(
          { err: error, order_id: orderId },
          'could not expire an order; the next sweep tries again',
        );
      });
    }
  }
}
