import { Injectable, Logger } from '@nestjs/common';
import { PayRefunds } from '../../../platform/wechat/pay/pay-refunds.js';
import { RefundRefused } from '../../../platform/wechat/pay/refund-error.js';
import type { Refund as WechatRefund } from '../../../platform/wechat/pay/refund.js';
import { severityOf } from '../../../platform/wechat/wechat-error.js';
import { RecordRefund } from './record-refund.js';
import { isFinal } from './refund.machine.js';
import { RefundRepository, type Refund } from './refund.repository.js';

/** Brings one refund a step further at WeChat: sends it, or asks how it stands. Repeatable at any time. */
@Injectable()
export class SettleRefund {
  private readonly logger = new Logger(SettleRefund.name);

  constructor(
    private readonly refunds: RefundRepository,
    private readonly pay: PayRefunds,
    private readonly recordRefund: RecordRefund,
  ) {}

  /** Never fails because of WeChat: what it could not do now, the poller tries again. */
  async execute(refundNo: string): Promise<void> {
    const refund = await this.refunds.find(refundNo);
    if (!refund || isFinal(refund.status)) return;
    const told = await this.ask(refund).catch((error: unknown) => this.explain(refundNo, error));
    if (told) await this.recordRefund.execute(told);
  }

  private ask(refund: Refund): Promise<WechatRefund> {
    return refund.status === 'requested' ? this.send(refund) : this.pay.query(refund.refundNo);
  }

  /** A refused request may be one that WeChat has taken before, so WeChat's own word on the refund decides. */
  private async send({ refundNo, request }: Refund): Promise<WechatRefund> {
    try {
      return await this.pay.request(request);
    } catch (error) {
      if (!(error instanceof RefundRefused)) throw error;
      return this.pay.query(refundNo).catch(() => {
        throw error;
      });
    }
  }

  /** A refusal (an empty merchant account, a closed user account) needs a person; the number stays the same. */
  private explain(refundNo: string, error: unknown): null {
    if (error instanceof RefundRefused)
      this.logger.error({ err: error, refundNo }, 'WeChat Pay refuses a refund: it stays due');
    else
      this.logger[severityOf(error)](
        { err: error, refundNo },
        'could not settle a refund; it is tried again',
      );
    return null;
  }
}
