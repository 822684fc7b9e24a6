import { Injectable } from '@nestjs/common';
import { RefundRequestRepository, type RefundRequest } from './refund-request.repository.js';

/** What follows for the order once the money is back. Runs inside the caller's transaction, under the order's lock. */
@Injectable()
export class EndRefund {
  constructor(private readonly requests: RefundRequestRepository) {}

  async execute({ id, orderId, isWhole }: RefundRequest, at: Date): Promise<void> {
    await this.requests.countUnits(id);
    if (isWhole) await this.requests.finishOrderRefund(orderId, at);
    else await this.requests.resumeOrder(orderId);
  }
}
