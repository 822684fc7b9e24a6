import { Injectable } from '@nestjs/common';
import { Clock } from '../../../kernel/clock.js';
import { EventPublisher } from '../../../platform/events/event-publisher.js';
import { OrderCancelled } from '../order.events.js';
import { OrderRepository, type CancelReason, type Order } from '../order.repository.js';
import { ReleaseHoldings } from './release-holdings.js';

/** Everything that becomes true together when an unpaid order is cancelled. Runs inside the caller's transaction. */
@Injectable()
export class EndUnpaidOrder {
  constructor(
    private readonly orders: OrderRepository,
    private readonly releaseHoldings: ReleaseHoldings,
    private readonly events: EventPublisher,
    private readonly clock: Clock,
  ) {}

  /** False when somebody else was first. Stock comes last, because everybody wants the rows of a hot SKU. */
  async execute(order: Order, reason: CancelReason): Promise<boolean> {
    const { id: orderId, number, userId } = order;
    if (!(await this.orders.markCancelled(orderId, reason, this.clock.now()))) return false;
    await this.events.publish(OrderCancelled, { orderId, number, userId, reason });
    await this.releaseHoldings.execute(order);
    return true;
  }
}
