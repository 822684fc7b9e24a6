import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../kernel/clock.js';
import { Transactor } from '../../platform/database/transactor.js';
import { EventPublisher } from '../../platform/events/event-publisher.js';
import type { Trade } from '../../platform/wechat/pay/trade.js';
import { WechatConfig } from '../../platform/wechat/wechat.config.js';
import type { Capture } from './payment.contract.js';
import { PaymentMismatch, PaymentNotFound } from './payment.errors.js';
import { PaymentCaptured } from './payment.events.js';
import { PaymentRepository } from './payment.repository.js';
import { captureOf } from './trade-check.js';

/** Records that the money has arrived, once, however many notices and queries say so. */
@Injectable()
export class CapturePayment {
  private readonly logger = new Logger(CapturePayment.name);

  constructor(
    private readonly payments: PaymentRepository,
    private readonly transactor: Transactor,
    private readonly events: EventPublisher,
    private readonly config: WechatConfig,
    private readonly clock: Clock,
  ) {}

  /** @throws PaymentMismatch, PaymentNotFound: then WeChat's notice is answered with an error and comes again */
  async execute(trade: Trade): Promise<Capture> {
    const reference = trade.outTradeNo;
    const capture = await this.match(trade).catch((error: unknown) => this.alarm(trade, error));
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

  private async match(trade: Trade): Promise<Capture> {
    const payment = await this.payments.find(trade.outTradeNo);
    if (!payment) throw new PaymentNotFound(trade.outTradeNo);
    const { appId, mchId } = this.config;
    return captureOf(trade, { ...payment, appId, mchId }, this.clock.now());
  }

  /** WeChat says, signed, that money moved, and it is not money we expected: a person must look. */
  private alarm({ outTradeNo, transactionId, amountFen }: Trade, error: unknown): never {
    if (error instanceof PaymentMismatch || error instanceof PaymentNotFound) {
      this.logger.error(
        { err: error, outTradeNo, transactionId, amountFen },
        'a paid trade does not match our records',
      );
    }
    throw error;
  }
}
