import { Injectable } from '@nestjs/common';
import { isId } from '../../../kernel/id.js';
import { lastIdOf } from '../../../kernel/page.js';
import { Idempotency, type IdempotentAnswer } from '../../../platform/idempotency/idempotency.js';
import { OrderNotFound } from '../order.errors.js';
import { OrderRepository } from '../order.repository.js';
import { RefundRefusedOften } from './aftersale.errors.js';
import {
  toRefundRequestPage,
  toRefundRequestView,
  type RefundListQuery,
  type RefundRequestPage,
  type RequestRefundInput,
} from './aftersale.schema.js';
import { RequestRefund } from './request-refund.js';
import { RefundRequestRepository } from './refund-request.repository.js';

/** Whoever has heard "no" so often talks to the merchant, who can still begin a refund. */
const mostRefusals = 5;

export interface RequestRefundCommand {
  readonly userId: string;
  readonly orderId: string;
  readonly idempotencyKey: string;
  readonly input: RequestRefundInput;
}

/** What a shopper does about refunds of their own orders. */
@Injectable()
export class OwnRefunds {
  constructor(
    private readonly orders: OrderRepository,
    private readonly requests: RefundRequestRepository,
    private readonly requestRefund: RequestRefund,
    private readonly idempotency: Idempotency,
  ) {}

  request({ userId, orderId, idempotencyKey, input }: RequestRefundCommand): Promise<IdempotentAnswer> {
    const fingerprint = ['POST /orders/{id}/refunds', orderId, input];
    return this.idempotency.run({ ownerId: userId, key: idempotencyKey, fingerprint }, async () => {
      await this.assertOwned(userId, orderId);
      if ((await this.requests.countRefused(orderId)) >= mostRefusals) throw new RefundRefusedOften();
      const request = await this.requestRefund.execute(orderId, input);
      return { status: 201, body: JSON.stringify(toRefundRequestView(request)) };
    });
  }

  async list(
    userId: string,
    orderId: string,
    { limit, cursor }: RefundListQuery,
  ): Promise<RefundRequestPage> {
    await this.assertOwned(userId, orderId);
    return toRefundRequestPage(await this.requests.list({ orderId, limit, beforeId: lastIdOf(cursor) }));
  }

  private async assertOwned(userId: string, orderId: string): Promise<void> {
    const order = isId(orderId) ? await this.orders.findOwned(userId, orderId) : null;
    if (!order) throw new OrderNotFound();
  }
}
