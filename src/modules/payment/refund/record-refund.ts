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
    const { refundNo, reference, amountFen, status: known } = await this.match(told);
    if (known === 'closed' && told.status === 'SUCCESS')
      this.logger.error({ refundNo }, 'WeChat has made a refund that counts as closed: was it made twice?');
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
    if (!refund) return this.alarm(told, new RefundNotFound(told.outRefundNo));
    const differing = differencesOf(told, refund);
    return differing.length === 0 ? refund : this.alarm(told, new RefundMismatch(differing));
  }

  /** WeChat says, signed, that money goes back, and it is not what we asked for: a person must look. */
  private alarm({ outRefundNo, outTradeNo, amountFen }: WechatRefund, error: Error): never {
    const facts = { err: error, outRefundNo, outTradeNo, amountFen };
    this.logger.error(facts, 'a refund does not match our records');
    throw error;
  }
}

function differencesOf(told: WechatRefund, refund: Refund): readonly string[] {
  return Object.entries({
    out_trade_no: told.outTradeNo === refund.reference,
    refund: told.amountFen === refund.amountFen,
    total: told.totalFen === refund.totalFen,
  }).flatMap(([field, same]) => (same ? [] : [field]));
}
