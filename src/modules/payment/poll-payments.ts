import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { PeriodicTasks } from '../../platform/queue/periodic-tasks.js';
import { PayClient } from '../../platform/wechat/pay/pay-client.js';
import { severityOf } from '../../platform/wechat/wechat-error.js';
import { AskWechat } from './ask-wechat.js';
import { PaymentConfig } from './payment.config.js';
import { PaymentRepository } from './payment.repository.js';

/**
 * Closes the loop with WeChat Pay, whose notices are not guaranteed: a payment that was started is asked about with
 * growing gaps until it has ended, whether or not anybody looks at it.
 */
@Injectable()
export class PollPayments implements OnModuleInit {
  private readonly logger = new Logger(PollPayments.name);

  constructor(
    private readonly payments: PaymentRepository,
    private readonly askWechat: AskWechat,
    private readonly pay: PayClient,
    private readonly tasks: PeriodicTasks,
    private readonly config: PaymentConfig,
  ) {}

  onModuleInit(): void {
    this.tasks.every('payment-poll', this.config.pollInterval, stopping => this.poll(stopping));
  }

  /** All that is due, a few at a time. While WeChat cannot be reached nothing is claimed, so no gap grows. */
  private async poll(stopping: AbortSignal): Promise<void> {
    const { pollFirst: firstMs, pollLongest: longestMs, pollBatch: limit } = this.config;
    while (!stopping.aborted && this.pay.isReachable) {
      const references = await this.payments.claimDue({ firstMs, longestMs, limit });
      await Promise.all(references.map(reference => this.ask(reference)));
      if (references.length < limit) return;
    }
  }

  private async ask(reference: string): Promise<void> {
    try {
      await this.askWechat.state(reference);
    } catch (error) {
      this.logger[severityOf(error)]({ err: error, reference }, 'could not ask WeChat about a payment');
    }
  }
}
