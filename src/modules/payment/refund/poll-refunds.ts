import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { PeriodicTasks } from '../../../platform/queue/periodic-tasks.js';
import { PayClient } from '../../../platform/wechat/pay/pay-client.js';
import { PaymentConfig } from '../payment.config.js';
import { RefundPace } from './refund-pace.js';
import { RefundRepository } from './refund.repository.js';
import { SettleRefund } from './settle-refund.js';

/** What carries a refund to its end, with or without the queue and WeChat's notices. */
@Injectable()
export class PollRefunds implements OnModuleInit {
  private readonly logger = new Logger(PollRefunds.name);

  constructor(
    private readonly refunds: RefundRepository,
    private readonly settleRefund: SettleRefund,
    private readonly pace: RefundPace,
    private readonly pay: PayClient,
    private readonly tasks: PeriodicTasks,
    private readonly config: PaymentConfig,
  ) {}

  onModuleInit(): void {
    this.tasks.every('refund-poll', this.config.pollInterval, stopping => this.poll(stopping));
  }

  /**
   * A few a run, one after the other: WeChat has a pace for refunds. None is claimed while WeChat wants less or cannot be
   * reached, so that no gap grows.
   */
  private async poll(stopping: AbortSignal): Promise<void> {
    const { pollFirst: firstMs, refundPollLongest: longestMs, refundBatch } = this.config;
    for (let count = 0; count < refundBatch && this.mayGoOn(stopping); count++) {
      const [refundNo] = await this.refunds.claimDue({ firstMs, longestMs, limit: 1 });
      if (refundNo === undefined) return;
      await this.settle(refundNo);
    }
  }

  private mayGoOn(stopping: AbortSignal): boolean {
    return !stopping.aborted && this.pay.isReachable && !this.pace.isSlow;
  }

  /** One that cannot be recorded keeps no other waiting. */
  private async settle(refundNo: string): Promise<void> {
    try {
      await this.settleRefund.execute(refundNo);
    } catch (error) {
      this.logger.warn({ err: error, refundNo }, 'could not record a refund; it is tried again');
    }
  }
}
