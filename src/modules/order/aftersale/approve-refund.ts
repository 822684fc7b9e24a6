import { Injectable } from '@nestjs/common';
import { Clock } from '../../../kernel/clock.js';
import { Stock } from '../../inventory/inventory.contract.js';
import { Refunds } from '../../payment/payment.contract.js';
import { RefundRequestDecided } from './aftersale.errors.js';
import { RefundRequestRepository, type RefundRequest } from './refund-request.repository.js';

/** An approved request becomes a refund, and its units come back. Runs inside the caller's transaction. */
@Injectable()
export class ApproveRefund {
  constructor(
    private readonly requests: RefundRequestRepository,
    private readonly refunds: Refunds,
    private readonly stock: Stock,
    private readonly clock: Clock,
  ) {}

  /** What was never shipped is still in the shop; of what was, the merchant knows. @throws RefundRequestDecided */
  async execute(request: RefundRequest, { restock }: { readonly restock: boolean }): Promise<void> {
    const { id, orderId, orderNumber, amountFen, reason, items, status } = request;
    const { from, count } = await this.requests.nextRefund(orderId);
    const refundNo = `${orderNumber}-${count}`;
    const approved = await this.requests.markApproved(id, refundNo, this.clock.now());
    if (!approved) throw new RefundRequestDecided({ state: status });
    await this.refunds.request({ refundNo, reference: orderNumber, amountFen, reason });
    if (restock || from === 'paid') await this.stock.takeBack(id, items);
  }
}
