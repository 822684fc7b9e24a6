import { Injectable, Logger } from '@nestjs/common';
import { PayClient } from '../../platform/wechat/pay-client.js';
import { WechatRefused } from '../../platform/wechat/wechat-error.js';
import { CapturePayment } from './capture-payment.js';
import type { PaymentOutcome, SettledPayment } from './payment.contract.js';
import { PaymentNotPossible, PaymentRefused, PaymentUndecided } from './payment.errors.js';
import { PaymentRepository, type Payment } from './payment.repository.js';
import { isPaid } from './trade-check.js';

/** What is true at WeChat, and what follows for our record. No transaction is open while WeChat answers. */
@Injectable()
export class AskWechat {
  private readonly logger = new Logger(AskWechat.name);

  constructor(
    private readonly payments: PaymentRepository,
    private readonly pay: PayClient,
    private readonly capturePayment: CapturePayment,
  ) {}

  /** The state of a trade, recorded if it has ended. */
  async state(reference: string): Promise<PaymentOutcome> {
    const trade = await this.pay.query(reference);
    if (isPaid(trade)) return { status: 'captured', capture: await this.capturePayment.execute(trade) };
    if (trade.state !== 'CLOSED') return { status: 'pending' };
    await this.payments.close(reference);
    return { status: 'closed' };
  }

  /** A prepay id for the stored request. "Already paid" has more than one code (wechat.md §4.5), so WeChat is asked. */
  async prepay({ reference, prepayRequest }: Payment): Promise<string> {
    try {
      return (await this.pay.prepay(prepayRequest)).prepayId;
    } catch (error) {
      if (!(error instanceof WechatRefused)) throw error;
      const outcome = await this.stateIfKnown(reference);
      if (outcome.status !== 'pending') throw new PaymentNotPossible(outcome.status);
      this.logger.warn({ err: error, reference }, 'WeChat Pay refused a prepay');
      throw new PaymentRefused({ reason: String(error.errcode) }, error);
    }
  }

  /** Closes the trade; whatever WeChat refuses, its own word on the state decides. */
  async close(reference: string): Promise<SettledPayment> {
    try {
      if ((await this.pay.close(reference)) === 'closed') return { status: 'closed' };
    } catch (error) {
      if (!(error instanceof WechatRefused)) throw error;
      this.logger.warn({ err: error, reference }, 'WeChat Pay refused to close a payment');
    }
    const outcome = await this.state(reference);
    if (outcome.status === 'pending') throw new PaymentUndecided(reference);
    return outcome;
  }

  private async stateIfKnown(reference: string): Promise<PaymentOutcome> {
    return this.state(reference).catch(() => ({ status: 'pending' as const }));
  }
}
