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

  /**
   * Closes the trade; whatever WeChat refuses, its own word on the state decides. A trade that WeChat does not know is
   * closed, unless WeChat itself gave us a prepay id for it: then the phone may be able to pay all the same.
   */
  async close({ reference, prepayId }: Pick<Payment, 'reference' | 'prepayId'>): Promise<SettledPayment> {
    const answer = await this.tryClose(reference);
    if (answer === 'closed') return { status: 'closed' };
    if (answer === 'unknown') return this.closeUnknown(reference, prepayId);
    const outcome = await this.state(reference);
    if (outcome.status === 'pending') throw new PaymentUndecided(reference);
    return outcome;
  }

  private async tryClose(reference: string): Promise<'closed' | 'unknown' | 'paid' | 'refused'> {
    try {
      return await this.pay.close(reference);
    } catch (error) {
      if (!(error instanceof WechatRefused)) throw error;
      this.logger.warn({ err: error, reference }, 'WeChat Pay refused to close a payment');
      return 'refused';
    }
  }

  private closeUnknown(reference: string, prepayId: string | null): SettledPayment {
    if (prepayId === null) return { status: 'closed' };
    this.logger.error({ reference }, 'WeChat Pay does not know a payment that it has prepared');
    throw new PaymentUndecided(reference);
  }

  private async stateIfKnown(reference: string): Promise<PaymentOutcome> {
    return this.state(reference).catch(() => ({ status: 'pending' as const }));
  }
}
