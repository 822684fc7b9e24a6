import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/clock.js';
import { isId } from '../../kernel/id.js';
import { lastIdOf, type Page } from '../../kernel/page.js';
import { Payments, type ClientPayment } from '../payment/payment.contract.js';
import { ApplyPaymentToOrder } from './settlement/apply-payment.js';
import { CancelOrder } from './settlement/cancel-order.js';
import { OrderNotCancellable, OrderNotFound, OrderNotPayable, OrderNotReceivable } from './order.errors.js';
import { canMove } from './order.machine.js';
import { OrderRepository, type Order } from './order.repository.js';
import type { OrderListQuery } from './order.schema.js';

/** What a shopper does with an order that exists. */
@Injectable()
export class OrderService {
  constructor(
    private readonly orders: OrderRepository,
    private readonly payments: Payments,
    private readonly cancelOrder: CancelOrder,
    private readonly applyPayment: ApplyPaymentToOrder,
    private readonly clock: Clock,
  ) {}

  list(userId: string, { status, limit, cursor }: OrderListQuery): Promise<Page<Order>> {
    return this.orders.list({ userId, status, limit, beforeId: lastIdOf(cursor) });
  }

  /** While the order waits for its money, WeChat is asked too: the phone comes here right after paying. */
  async get(userId: string, orderId: string): Promise<Order> {
    const order = await this.getOwned(userId, orderId);
    if (order.status !== 'awaiting_payment') return order;
    const outcome = await this.payments.refresh(order.number);
    if (outcome.status !== 'captured') return order;
    await this.applyPayment.onCapture(order.number, outcome.capture);
    return this.getOwned(userId, orderId);
  }

  async pay(userId: string, orderId: string): Promise<ClientPayment> {
    const order = await this.getOwned(userId, orderId);
    const expired = order.expiresAt <= this.clock.now();
    if (!canMove(order.status, 'pay') || expired) throw new OrderNotPayable({ state: order.status });
    return this.payments.start(order.number);
  }

  /** Cancelling a cancelled order again is harmless, so that a retry after a lost answer succeeds. */
  async cancel(userId: string, orderId: string): Promise<Order> {
    const order = await this.getOwned(userId, orderId);
    if (order.status === 'cancelled') return order;
    await this.cancelOrder.execute(order, 'by_customer');
    const now = await this.getOwned(userId, orderId);
    if (now.status !== 'cancelled') throw new OrderNotCancellable({ state: now.status });
    return now;
  }

  async receive(userId: string, orderId: string): Promise<Order> {
    const order = await this.getOwned(userId, orderId);
    await this.orders.markReceived(order.id, this.clock.now());
    const now = await this.getOwned(userId, orderId);
    if (now.status !== 'received' && now.status !== 'completed')
      throw new OrderNotReceivable({ state: now.status });
    return now;
  }

  private async getOwned(userId: string, orderId: string): Promise<Order> {
    const order = isId(orderId) ? await this.orders.findOwned(userId, orderId) : null;
    if (!order) throw new OrderNotFound();
    return order;
  }
}
