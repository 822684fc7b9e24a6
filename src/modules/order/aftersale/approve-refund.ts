import { Injectable } from '@nestjs/common';
import { Clock } from '../../../kernel/clock.js';
import { Stock } from '../../inventory/inventory.contract.js';
import { Refunds } from '../../payment/payment.contract.js';
import { RefundRequestDecided } from './aftersale.errors.js';
import { assertWechatRefunds } from './refund-plan.js';
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

  /**
   * What was never shipped is still in the shop; of what was, the merchant knows.
   * @throws RefundRequestDecided, RefundNotPossible
   */
  async execute(request: RefundRequest, { restock }: { readonly restock: boolean }): Promise<void> {
    const { id, orderId, orderNumber, amountFen, reason, items, status } = request;
    const now = this.clock.now();
    const order = await this.requests.refundingOrder(orderId);
    const refundNo = `${orderNumber}-${order.refundCount + 1}`;
    if (!(await this.requests.markApproved(id, refundNo, now)))
      throw new RefundRequestDecided({ state: status });
    assertWechatRefunds(order, now);
    await this.requests.countRefund(orderId);
    await this.refunds.request({ refundNo, reference: orderNumber, amountFen, reason });
    if (restock || order.from === 'paid') await this.stock.takeBack(id, items);
  }
}
