import { Injectable, Logger } from '@nestjs/common';
import { Transactor } from '../../platform/database/transactor.js';
import { Inbox } from '../../platform/events/inbox.js';
import { Stock } from '../inventory/inventory.contract.js';
import type { Capture } from '../payment/payment.contract.js';
import { OrderRepository } from './order.repository.js';

/** An order becomes paid because its money has arrived: by event, or by whoever asked WeChat. Happens once. */
@Injectable()
export class ApplyPaymentToOrder {
  private readonly logger = new Logger(ApplyPaymentToOrder.name);

  constructor(
    private readonly orders: OrderRepository,
    private readonly stock: Stock,
    private readonly transactor: Transactor,
    private readonly inbox: Inbox,
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
    if (await this.orders.markPaid(order.id, paidAt)) {
      await this.stock.commit(order.id);
      return;
    }
    const { status } = (await this.orders.find(order.id))!;
    if (status === 'cancelled')
      this.logger.error({ order: number }, 'money arrived for a cancelled order: refund it');
  }
}
