import { Injectable, Logger } from '@nestjs/common';
import { PayRefunds } from '../../../platform/wechat/pay/pay-refunds.js';
import {
  RefundRefused,
  RefundUnknown,
  type RefundRefusal,
} from '../../../platform/wechat/pay/refund-error.js';
import type { Refund as WechatRefund } from '../../../platform/wechat/pay/refund.js';
import { severityOf, WechatThrottled } from '../../../platform/wechat/wechat-error.js';
import { GiveUpRefund } from './give-up-refund.js';
import { RecordRefund } from './record-refund.js';
import { RefundPace } from './refund-pace.js';
import { isFinal } from './refund.machine.js';
import { RefundRepository, type Refund } from './refund.repository.js';

/** Refusals that no repeat cures. Each may be about a request that WeChat has taken before. */
const final: readonly RefundRefusal[] = ['conflict', 'payer_account'];

/** Brings one refund a step further at WeChat: sends it, or asks how it stands. Repeatable at any time. */
@Injectable()
export class SettleRefund {
  private readonly logger = new Logger(SettleRefund.name);

  constructor(
    private readonly refunds: RefundRepository,
    private readonly pay: PayRefunds,
    private readonly recordRefund: RecordRefund,
    private readonly giveUpRefund: GiveUpRefund,
    private readonly pace: RefundPace,
  ) {}

  /**
   * What WeChat does not do now, the poller tries again.
   * @throws RefundMismatch when WeChat's word is about another refund than ours
   */
  async execute(refundNo: string): Promise<void> {
    const refund = await this.refunds.find(refundNo);
    if (!refund || isFinal(refund.status)) return;
    const told = await this.ask(refund).catch((error: unknown) => this.explain(refundNo, error));
    if (told) await this.recordRefund.execute(told);
  }

  private ask(refund: Refund): Promise<WechatRefund> {
    return refund.status === 'requested' ? this.send(refund) : this.pay.query(refund.refundNo);
  }

  private async send(refund: Refund): Promise<WechatRefund> {
    try {
      return await this.pay.request(refund.request);
    } catch (error) {
      if (!(error instanceof RefundRefused)) throw error;
      if (final.includes(error.details.reason)) return this.lookUp(refund, error);
      await this.refunds.clearRefusal(refund.refundNo);
      throw error;
    }
  }

  /** A refused request may be one that WeChat has taken before, so WeChat's own word on the refund decides. */
  private async lookUp(refund: Refund, refusal: RefundRefused): Promise<WechatRefund> {
    try {
      return await this.pay.query(refund.refundNo);
    } catch (error) {
      if (error instanceof RefundUnknown) await this.giveUpRefund.execute(refund);
      throw error instanceof WechatThrottled ? error : refusal;
    }
  }

  /** A refusal (an empty merchant account) needs a person; the number stays the same. */
  private explain(refundNo: string, error: unknown): null {
    if (isNotNow(error)) this.pace.slowDown();
    if (error instanceof RefundRefused)
      this.logger.error({ err: error, refundNo }, 'WeChat Pay refuses a refund');
    else
      this.logger[severityOf(error)](
        { err: error, refundNo },
        'could not settle a refund; it is tried again',
      );
    return null;
  }
}

/** Whichever refund was sent, the next one would be told the same. */
function isNotNow(error: unknown): boolean {
  return (
    error instanceof WechatThrottled ||
    (error instanceof RefundRefused && error.details.reason === 'not_enough')
  );
}
