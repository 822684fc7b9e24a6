import { Injectable, Logger } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import { EventPublisher } from '../../../platform/events/event-publisher.js';
import { PaymentConfig } from '../payment.config.js';
import { RefundSettled } from '../payment.events.js';
import { RefundRepository, type Refund } from './refund.repository.js';

/**
 * A refund that WeChat refuses for good and says it has never seen ends as `closed`, or nobody could go on. Only after
 * `payment.refundGiveUpAfter` of that: neither word is signed, and an earlier request may still be on its way in.
 */
@Injectable()
export class GiveUpRefund {
  private readonly logger = new Logger(GiveUpRefund.name);

  constructor(
    private readonly refunds: RefundRepository,
    private readonly transactor: Transactor,
    private readonly events: EventPublisher,
    private readonly config: PaymentConfig,
  ) {}

  async execute({ refundNo, reference, amountFen }: Refund): Promise<void> {
    await this.refunds.markRefused(refundNo);
    await this.transactor.run(async () => {
      if (!(await this.refunds.giveUp(refundNo, this.config.refundGiveUpAfter))) return;
      await this.events.publish(RefundSettled, { refundNo, reference, status: 'closed' as const, amountFen });
      this.logger.error({ refundNo }, 'WeChat Pay never takes this refund: it counts as closed');
    });
  }
}
