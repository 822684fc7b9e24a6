import { Injectable, Logger } from '@nestjs/common';
import { severityOf } from '../../../platform/wechat/wechat-error.js';
import { AskWechat } from '../ask-wechat.js';
import { PaymentRepository } from '../payment.repository.js';
import { RefundRepository } from '../refund/refund.repository.js';
import type { Difference } from './bill-comparison.js';

/**
 * What the bill knows better is asked about: the pollers do it at once for what has not ended here. A payment that is
 * closed here, though the bill has its money, is asked about by this; a refund that has ended here is left to a person,
 * for WeChat would contradict what it has signed.
 */
@Injectable()
export class CheckAgain {
  private readonly logger = new Logger(CheckAgain.name);

  constructor(
    private readonly payments: PaymentRepository,
    private readonly refunds: RefundRepository,
    private readonly askWechat: AskWechat,
  ) {}

  /** Joins the caller's transaction. */
  async makeDue(differences: readonly Difference[]): Promise<void> {
    const known = differences.filter(({ here, there }) => here !== null && there !== null);
    const numbersOf = (wanted: Difference['movement']): readonly string[] =>
      known.filter(({ movement }) => movement === wanted).map(({ number }) => number);
    await this.payments.makeDue(numbersOf('payment'));
    await this.refunds.makeDue(numbersOf('refund'));
  }

  /** Outside of any transaction. Money that is there after all is recorded, and goes back if its order is cancelled. */
  async askAboutClosed(differences: readonly Difference[]): Promise<void> {
    for (const { movement, number, here, there } of differences)
      if (movement === 'payment' && here?.status === 'closed' && there !== null) await this.ask(number);
  }

  private async ask(reference: string): Promise<void> {
    try {
      await this.askWechat.state(reference);
    } catch (error) {
      this.logger[severityOf(error)](
        { err: error, reference },
        'could not ask WeChat about a closed payment',
      );
    }
  }
}
