import { Injectable } from '@nestjs/common';
import type { Fen } from '../../../kernel/money.js';
import { Transactor } from '../../../platform/database/transactor.js';
import { EventPublisher } from '../../../platform/events/event-publisher.js';
import { PaymentConfig } from '../payment.config.js';
import { Refunds, type RefundIntent, type RefundState } from '../payment.contract.js';
import { RefundExceedsPayment, RefundNumberTaken } from '../payment.errors.js';
import { RefundRequested } from '../payment.events.js';
import { PaymentRepository } from '../payment.repository.js';
import { RefundRequests } from '../request/refund-request.js';
import { RefundRepository } from './refund.repository.js';

@Injectable()
export class RefundService extends Refunds {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly refunds: RefundRepository,
    private readonly requests: RefundRequests,
    private readonly transactor: Transactor,
    private readonly events: EventPublisher,
    private readonly config: PaymentConfig,
  ) {
    super();
  }

  request(intent: RefundIntent, delayMs = 0): Promise<boolean> {
    return this.transactor.run(async () => {
      const { totalFen, refundableFen } = await this.lockCapture(intent.reference);
      if (await this.isKnown(intent)) return false;
      if (intent.amountFen > refundableFen) throw new RefundExceedsPayment({ refundableFen });
      const request = this.requests.write(intent, totalFen);
      // What can wait is sent by the poller alone.
      const firstCheckMs = delayMs || this.config.pollFirst;
      await this.refunds.insert({ ...intent, request, firstCheckMs });
      if (delayMs === 0) await this.events.publish(RefundRequested, { refundNo: intent.refundNo });
      return true;
    });
  }

  async listFor(reference: string): Promise<readonly RefundState[]> {
    const refunds = await this.refunds.listFor(reference);
    return refunds.map(({ request: _request, totalFen: _totalFen, ...state }) => state);
  }

  /** What was captured, and what is left of it; 0 if nothing was. Refunds of one payment take turns from here on. */
  private async lockCapture(reference: string): Promise<{ totalFen: Fen; refundableFen: Fen }> {
    const payment = await this.payments.lock(reference);
    if (payment?.status !== 'captured') return { totalFen: 0, refundableFen: 0 };
    return { totalFen: payment.amountFen, refundableFen: payment.amountFen - payment.refundedFen };
  }

  private async isKnown({ refundNo, reference, amountFen }: RefundIntent): Promise<boolean> {
    const known = await this.refunds.find(refundNo);
    if (!known) return false;
    if (known.reference !== reference || known.amountFen !== amountFen) throw new RefundNumberTaken(refundNo);
    return true;
  }
}
