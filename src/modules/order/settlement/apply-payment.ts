import { Injectable, Logger } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import { EventPublisher } from '../../../platform/events/event-publisher.js';
import { Inbox } from '../../../platform/events/inbox.js';
import { Stock } from '../../inventory/inventory.contract.js';
import type { Capture } from '../../payment/payment.contract.js';
import { OrderPaid } from '../order.events.js';
import { OrderRepository, type Order } from '../order.repository.js';
import { ReturnLatePayment } from './return-late-payment.js';

/** An order becomes paid because its money has arrived: by event, or by whoever asked WeChat. Happens once. */
@Injectable()
export class ApplyPaymentToOrder {
  private readonly logger = new Logger(ApplyPaymentToOrder.name);

  constructor(
    private readonly orders: OrderRepository,
    private readonly stock: Stock,
    private readonly returnLatePayment: ReturnLatePayment,
    private readonly transactor: Transactor,
    private readonly inbox: Inbox,
    private readonly events: EventPublisher,
  ) {}

  async onEvent(eventId: string, number: string, paidAt: Date): Promise<void> {
    await this.inbox.once('order.apply-payment', eventId, () => this.apply(number, paidAt));
  }

  async onCapture(number: string, { paidAt }: Capture): Promise<void> {
    await this.transactor.run(() => this.apply(number, paidAt));
  }

  private async apply(number: string, paidAt: Date): Promise<void> {
    const order = await this.orders.findByNumber(number);
    if (!order) throw new Error(`money arrived for an unknown order ${number}`);
    if (await this.orders.markPaid(order.id, paidAt)) return this.complete(order);
    const now = await this.orders.find(order.id);
    if (now?.status === 'cancelled') await this.returnLatePayment.execute(now);
  }

  private async complete({ id: orderId, number, userId }: Order): Promise<void> {
    await this.events.publish(OrderPaid, { orderId, number, userId });
    if (await this.stock.commit(orderId)) return;
    this.logger.error({ order: number }, 'a paid order held no stock: its goods may be missing');
  }
}
