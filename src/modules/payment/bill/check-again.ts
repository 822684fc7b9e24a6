import { Injectable } from '@nestjs/common';
import { PaymentRepository } from '../payment.repository.js';
import { RefundRepository } from '../refund/refund.repository.js';
import type { Difference } from './bill-comparison.js';

/**
 * What the bill has and we have not recorded yet is due for the pollers at once. One that has ended here otherwise is
 * left to a person: WeChat would contradict what it has signed before.
 */
@Injectable()
export class CheckAgain {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly refunds: RefundRepository,
  ) {}

  async execute(differences: readonly Difference[]): Promise<void> {
    const known = differences.filter(({ here, there }) => here !== null && there !== null);
    const numbersOf = (wanted: Difference['movement']): readonly string[] =>
      known.filter(({ movement }) => movement === wanted).map(({ number }) => number);
    await this.payments.makeDue(numbersOf('payment'));
    await this.refunds.makeDue(numbersOf('refund'));
  }
}
