import { Injectable } from '@nestjs/common';
import { Transactor } from '../../platform/database/transactor.js';
import { EventPublisher } from '../../platform/events/event-publisher.js';
import type { Trade } from '../../platform/wechat/trade.js';
import { WechatConfig } from '../../platform/wechat/wechat.config.js';
import type { Capture } from './payment.contract.js';
import { PaymentNotFound } from './payment.errors.js';
import { PaymentCaptured } from './payment.events.js';
import { PaymentRepository } from './payment.repository.js';
import { captureOf } from './trade-check.js';

/** Records that the money has arrived, once, however many notices and queries say so. */
@Injectable()
export class CapturePayment {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly transactor: Transactor,
    private readonly events: EventPublisher,
    private readonly config: WechatConfig,
  ) {}

  /** @throws PaymentMismatch, PaymentNotFound: then WeChat's notice is answered with an error and comes again */
  async execute(trade: Trade): Promise<Capture> {
    const reference = trade.outTradeNo;
    const payment = await this.payments.find(reference);
    if (!payment) throw new PaymentNotFound(reference);
    const { appId, mchId } = this.config;
    const capture = captureOf(trade, { ...payment, appId, mchId });
    await this.transactor.run(async () => {
      if (!(await this.payments.capture(reference, capture))) return;
      const { transactionId, amountFen, paidAt } = capture;
      await this.events.publish(PaymentCaptured, {
        reference,
        transactionId,
        amountFen,
        paidAt: paidAt.toISOString(),
      });
    });
    return capture;
  }
}
