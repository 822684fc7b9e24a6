import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { PeriodicTasks } from '../../../platform/queue/periodic-tasks.js';
import { PayClient } from '../../../platform/wechat/pay/pay-client.js';
import { PaymentConfig } from '../payment.config.js';
import { RefundRepository } from './refund.repository.js';
import { SettleRefund } from './settle-refund.js';

/** What carries a refund to its end, with or without the queue and WeChat's notices. */
@Injectable()
export class PollRefunds implements OnModuleInit {
  private readonly logger = new Logger(PollRefunds.name);

  constructor(
    private readonly refunds: RefundRepository,
    private readonly settleRefund: SettleRefund,
    private readonly pay: PayClient,
    private readonly tasks: PeriodicTasks,
    private readonly config: PaymentConfig,
  ) {}

  onModuleInit(): void {
    this.tasks.every('refund-poll', this.config.pollInterval, stopping => this.poll(stopping));
  }

  private async poll(stopping: AbortSignal): Promise<void> {
    const { pollFirst: firstMs, refundPollLongest: longestMs, pollBatch: limit } = this.config;
    while (!stopping.aborted && this.pay.isReachable) {
      const refundNos = await this.refunds.claimDue({ firstMs, longestMs, limit });
      await Promise.all(refundNos.map(refundNo => this.settle(refundNo)));
      if (refundNos.length < limit) return;
    }
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
