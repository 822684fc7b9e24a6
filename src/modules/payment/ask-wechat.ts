import { Injectable, Logger } from '@nestjs/common';
import { PayClient } from '../../platform/wechat/pay/pay-client.js';
import { WechatRefused } from '../../platform/wechat/wechat-error.js';
import { CapturePayment } from './capture-payment.js';
import type { PaymentOutcome, SettledPayment } from './payment.contract.js';
import { PaymentNotPossible, PaymentRefused, PaymentUndecided } from './payment.errors.js';
import { PaymentRepository, type Payment } from './payment.repository.js';
import { isPaid } from './trade-check.js';

/** `unknown`: WeChat has never seen this trade, it says. Only who was never given a prepay id for it can believe that. */
type TradeOutcome = PaymentOutcome | { readonly status: 'unknown' };

type Asked = Pick<Payment, 'reference' | 'prepayId'>;

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
    const outcome = await this.query(reference);
    return outcome.status === 'unknown' ? { status: 'pending' } : outcome;
  }

  /**
   * A prepay id for the stored request. "Already paid" has more than one code (wechat.md §4.5), so WeChat is asked; until
   * it has said that the trade is not paid, a refusal is not final.
   */
  async prepay({ reference, prepayId, prepayRequest }: Payment): Promise<string> {
    try {
      return (await this.pay.prepay(prepayRequest)).prepayId;
    } catch (error) {
      if (!(error instanceof WechatRefused)) throw error;
      const outcome = await this.outcomeOf({ reference, prepayId });
      if (outcome.status !== 'pending') throw new PaymentNotPossible(outcome.status);
      this.logger.warn({ err: error, reference }, 'WeChat Pay refused a prepay');
      throw new PaymentRefused({ reason: String(error.errcode) }, error);
    }
  }

  /**
   * Closes the trade; whatever WeChat refuses, its own word on the state decides. A trade that WeChat does not know is
   * closed, unless WeChat itself gave us a prepay id for it: then the phone may be able to pay all the same.
   */
  async close({ reference, prepayId }: Asked): Promise<SettledPayment> {
    const answer = await this.tryClose(reference);
    if (answer === 'closed') return { status: 'closed' };
    const outcome = answer === 'unknown' ? { status: answer } : await this.query(reference);
    if (outcome.status === 'unknown') return this.closeUnknown(reference, prepayId);
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

  private async query(reference: string): Promise<TradeOutcome> {
    try {
      const trade = await this.pay.query(reference);
      if (isPaid(trade)) return { status: 'captured', capture: await this.capturePayment.execute(trade) };
      if (trade.state !== 'CLOSED') return { status: 'pending' };
    } catch (error) {
      if (error instanceof WechatRefused && error.is('ORDER_NOT_EXIST')) return { status: 'unknown' };
      throw error;
    }
    await this.payments.close(reference);
    return { status: 'closed' };
  }

  /** What became of a refused prepay. A first one leaves no trade behind. @throws PaymentUndecided when nobody can say */
  private async outcomeOf({ reference, prepayId }: Asked): Promise<PaymentOutcome> {
    const outcome = await this.query(reference).catch((error: unknown) => {
      throw new PaymentUndecided(error);
    });
    if (outcome.status !== 'unknown') return outcome;
    if (prepayId !== null) throw new PaymentUndecided(reference);
    return { status: 'pending' };
  }
}
