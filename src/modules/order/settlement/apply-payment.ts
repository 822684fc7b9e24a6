import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Transactor } from '../../../platform/database/transactor.js';
import { Inbox } from '../../../platform/events/inbox.js';
import { Stock } from '../../inventory/inventory.contract.js';
import type { Capture } from '../../payment/payment.contract.js';
import { OrderRepository, type Order } from '../order.repository.js';

const strayMoneyMetric = 'order_payments_after_cancellation_total';

export const strayMoneyCounter = makeCounterProvider({
  name: strayMoneyMetric,
  help: 'Payments that arrived for a cancelled order and must be refunded',
});

/** An order becomes paid because its money has arrived: by event, or by whoever asked WeChat. Happens once. */
@Injectable()
export class ApplyPaymentToOrder {
  private readonly logger = new Logger(ApplyPaymentToOrder.name);

  constructor(
    private readonly orders: OrderRepository,
    private readonly stock: Stock,
    private readonly transactor: Transactor,
    private readonly inbox: Inbox,
    @InjectMetric(strayMoneyMetric) private readonly strayMoney: Counter,
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
    const paid = await this.orders.markPaid(order.id, paidAt);
    if (paid) await this.commitStock(order);
    else await this.explain(order);
  }

  private async commitStock({ id, number }: Order): Promise<void> {
    if (await this.stock.commit(id)) return;
    this.logger.error({ order: number }, 'a paid order held no stock: its goods may be missing');
  }

  private async explain({ id, number }: Order): Promise<void> {
    const now = await this.orders.find(id);
    if (now?.status !== 'cancelled') return;
    this.strayMoney.inc();
    this.logger.error({ order: number }, 'money arrived for a cancelled order: refund it');
  }
}
