import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Transactor } from '../../../platform/database/transactor.js';
import { Refunds } from '../../payment/payment.contract.js';
import { OrderConfig } from '../order.config.js';
import type { Order } from '../order.repository.js';

const strayMoneyMetric = 'order_payments_after_cancellation_total';

export const strayMoneyCounter = makeCounterProvider({
  name: strayMoneyMetric,
  help: 'Payments that arrived for a cancelled order and are refunded',
});

/** With the default gap, two days and a half of them. */
const maxAttempts = 6;

/** Money that arrives for a cancelled order goes back, in the transaction that learns of it. */
@Injectable()
export class ReturnLatePayment {
  private readonly logger = new Logger(ReturnLatePayment.name);

  constructor(
    private readonly refunds: Refunds,
    private readonly transactor: Transactor,
    private readonly config: OrderConfig,
    @InjectMetric(strayMoneyMetric) private readonly strayMoney: Counter,
  ) {}

  /**
   * The refund's number is the order's, so that the money goes back once, whoever says how often that it came. What
   * WeChat has closed is asked for again under another number, later and later: nobody waits at a desk for it.
   */
  async execute({ number, amounts }: Order): Promise<void> {
    const attempt = (await this.closedOf(number)) + 1;
    if (attempt > maxAttempts)
      return this.logger.error({ order: number }, 'WeChat gives late money back to nobody: a person must');
    const refundNo = attempt === 1 ? `${number}-late` : `${number}-late-${attempt}`;
    const delayMs = attempt === 1 ? 0 : this.config.lateRefundRetry * 4 ** (attempt - 2);
    const reason = '订单已取消，自动退款';
    const refund = { refundNo, reference: number, amountFen: amounts.totalFen, reason };
    const isNew = await this.refunds.request(refund, delayMs);
    if (isNew && attempt === 1) this.transactor.afterCommit(() => this.report(number));
  }

  private async closedOf(number: string): Promise<number> {
    const refunds = await this.refunds.listFor(number);
    return refunds.filter(({ status }) => status === 'closed').length;
  }

  private report(order: string): void {
    this.strayMoney.inc();
    this.logger.warn({ order }, 'money arrived for a cancelled order: it goes back');
  }
}
