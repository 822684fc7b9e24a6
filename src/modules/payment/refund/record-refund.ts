import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../../kernel/clock.js';
import { Transactor } from '../../../platform/database/transactor.js';
import { EventPublisher } from '../../../platform/events/event-publisher.js';
import type { Refund as WechatRefund } from '../../../platform/wechat/pay/refund.js';
import { RefundMismatch, RefundNotFound } from '../payment.errors.js';
import { RefundSettled } from '../payment.events.js';
import { RefundRepository, type Refund } from './refund.repository.js';

const statuses = {
  PROCESSING: 'processing',
  SUCCESS: 'succeeded',
  CLOSED: 'closed',
  ABNORMAL: 'abnormal',
} as const;

/** Records what WeChat says about a refund, once, in whatever sequence answers and notices come. */
@Injectable()
export class RecordRefund {
  private readonly logger = new Logger(RecordRefund.name);

  constructor(
    private readonly refunds: RefundRepository,
    private readonly transactor: Transactor,
    private readonly events: EventPublisher,
    private readonly clock: Clock,
  ) {}

  /** @throws RefundMismatch, RefundNotFound: then WeChat's notice is answered with an error and comes again */
  async execute(told: WechatRefund): Promise<void> {
    const { refundNo, reference, amountFen } = await this.match(told);
    const status = statuses[told.status];
    const settledAt = status === 'processing' ? null : (told.successTime ?? this.clock.now());
    const news = { refundNo, status, wechatRefundId: told.refundId, settledAt };
    await this.transactor.run(async () => {
      if (!(await this.refunds.record(news)) || status === 'processing') return;
      await this.events.publish(RefundSettled, { refundNo, reference, status, amountFen });
    });
  }

  private async match(told: WechatRefund): Promise<Refund> {
    const refund = await this.refunds.find(told.outRefundNo);
    const error = refund ? mismatchOf(told, refund) : new RefundNotFound(told.outRefundNo);
    if (refund && !error) return refund;
    // WeChat says, signed, that money goes back, and it is not what we asked for: a person must look.
    const { outRefundNo, outTradeNo, amountFen } = told;
    this.logger.error(
      { err: error, outRefundNo, outTradeNo, amountFen },
      'a refund does not match our records',
    );
    throw error!;
  }
}

function mismatchOf(told: WechatRefund, refund: Refund): RefundMismatch | null {
  const differing = Object.entries({
    out_trade_no: told.outTradeNo === refund.reference,
    refund: told.amountFen === refund.amountFen,
    total: told.totalFen === refund.totalFen,
  }).flatMap(([field, same]) => (same ? [] : [field]));
  return differing.length > 0 ? new RefundMismatch(differing) : null;
}
