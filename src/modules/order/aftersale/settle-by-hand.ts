import { Injectable } from '@nestjs/common';
import { Clock } from '../../../kernel/clock.js';
import { Stock } from '../../inventory/inventory.contract.js';
import { RefundRequestDecided } from './aftersale.errors.js';
import { EndRefund } from './end-refund.js';
import { RefundRequestRepository, type RefundRequest } from './refund-request.repository.js';

/** Money that WeChat cannot give back, and the merchant has. Runs inside the caller's transaction. */
@Injectable()
export class SettleByHand {
  constructor(
    private readonly requests: RefundRequestRepository,
    private readonly endRefund: EndRefund,
    private readonly stock: Stock,
    private readonly clock: Clock,
  ) {}

  /** What an earlier approval has brought back to stock does not come back again. @throws RefundRequestDecided */
  async execute(request: RefundRequest, { restock }: { readonly restock: boolean }): Promise<void> {
    const { id, orderId, items, status } = request;
    const now = this.clock.now();
    const { from } = await this.requests.refundingOrder(orderId);
    if (!(await this.requests.markSettledByHand(id, now))) throw new RefundRequestDecided({ state: status });
    await this.endRefund.execute(request, now);
    if (restock || from === 'paid') await this.stock.takeBack(id, items);
  }
}
