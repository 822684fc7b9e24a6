import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Refunds } from '../../payment/payment.contract.js';
import type { Order } from '../order.repository.js';

const strayMoneyMetric = 'order_payments_after_cancellation_total';

export const strayMoneyCounter = makeCounterProvider({
  name: strayMoneyMetric,
  help: 'Payments that arrived for a cancelled order and are refunded',
});

/** Money that arrives for a cancelled order goes back, in the transaction that learns of it. */
@Injectable()
export class ReturnLatePayment {
  private readonly logger = new Logger(ReturnLatePayment.name);

  constructor(
    private readonly refunds: Refunds,
    @InjectMetric(strayMoneyMetric) private readonly strayMoney: Counter,
  ) {}

  /** The refund's number is the order's, so that it goes back once, whoever says how often that it came. */
  async execute({ number, amounts }: Order): Promise<void> {
    this.strayMoney.inc();
    this.logger.warn({ order: number }, 'money arrived for a cancelled order: it goes back');
    await this.refunds.request({
      refundNo: `${number}-late`,
      reference: number,
      amountFen: amounts.totalFen,
      reason: '订单已取消，自动退款',
    });
  }
}
