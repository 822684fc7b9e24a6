import { Injectable } from '@nestjs/common';
import { Clock } from '../../../kernel/clock.js';
import { isId } from '../../../kernel/id.js';
import { lastIdOf, type Page } from '../../../kernel/page.js';
import { Transactor } from '../../../platform/database/transactor.js';
import { OrderNotFound } from '../order.errors.js';
import { AfterSales, type RefundRequestQuery, type RefundRequestView } from '../order.contract.js';
import { RefundRequestDecided, RefundRequestNotFound } from './aftersale.errors.js';
import { toRefundRequestPage, toRefundRequestView } from './aftersale.schema.js';
import { ApproveRefund } from './approve-refund.js';
import { RequestRefund, type RefundWish } from './request-refund.js';
import { RefundRequestRepository, type RefundRequest } from './refund-request.repository.js';
import { SettleByHand } from './settle-by-hand.js';

/** What the merchant decides about refunds. Every decision takes the order's row first. */
@Injectable()
export class AfterSaleService extends AfterSales {
  constructor(
    private readonly requests: RefundRequestRepository,
    private readonly requestRefund: RequestRefund,
    private readonly approveRefund: ApproveRefund,
    private readonly handSettlement: SettleByHand,
    private readonly transactor: Transactor,
    private readonly clock: Clock,
  ) {
    super();
  }

  async list({ orderId, status, limit, cursor }: RefundRequestQuery): Promise<Page<RefundRequestView>> {
    if (orderId !== undefined && !isId(orderId)) return { items: [] };
    const filter = { orderId, status, limit, beforeId: lastIdOf(cursor) };
    return toRefundRequestPage(await this.requests.list(filter));
  }

  async get(requestId: string): Promise<RefundRequestView> {
    return toRefundRequestView(await this.find(requestId));
  }

  async lock(requestId: string): Promise<RefundRequestView> {
    return toRefundRequestView(await this.take(requestId));
  }

  approve(requestId: string, options: { restock: boolean }): Promise<RefundRequestView> {
    return this.transactor.run(async () => {
      const request = await this.take(requestId);
      await this.approveRefund.execute(request, options);
      return this.get(requestId);
    });
  }

  refuse(requestId: string, reason: string): Promise<RefundRequestView> {
    return this.transactor.run(async () => {
      const { orderId, status } = await this.take(requestId);
      const refused = await this.requests.markRefused(requestId, reason, this.clock.now());
      if (!refused) throw new RefundRequestDecided({ state: status });
      await this.requests.resumeOrder(orderId);
      return this.get(requestId);
    });
  }

  settleByHand(requestId: string, options: { restock: boolean }): Promise<RefundRequestView> {
    return this.transactor.run(async () => {
      await this.handSettlement.execute(await this.take(requestId), options);
      return this.get(requestId);
    });
  }

  refund(orderId: string, wish: RefundWish & { readonly restock: boolean }): Promise<RefundRequestView> {
    return this.transactor.run(async () => {
      if (!isId(orderId)) throw new OrderNotFound();
      const request = await this.requestRefund.execute(orderId, wish);
      await this.approveRefund.execute(request, wish);
      return this.get(request.id);
    });
  }

  private async take(requestId: string): Promise<RefundRequest> {
    return known(isId(requestId) ? await this.requests.lock(requestId) : null);
  }

  private async find(requestId: string): Promise<RefundRequest> {
    return known(isId(requestId) ? await this.requests.find(requestId) : null);
  }
}

function known(request: RefundRequest | null): RefundRequest {
  if (!request) throw new RefundRequestNotFound();
  return request;
}
