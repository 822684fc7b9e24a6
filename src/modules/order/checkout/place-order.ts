import { Injectable } from '@nestjs/common';
import { Clock } from '../../../kernel/clock.js';
import { newId } from '../../../kernel/id.js';
import {
  Idempotency,
  type ForetoldEffect,
  type IdempotentAnswer,
  type IdempotentRequest,
} from '../../../platform/idempotency/idempotency.js';
import { newOrderNumber } from './order-number.js';
import { OrderConfig } from '../order.config.js';
import { OrderDrafts, type OrderDraft } from './order-draft.js';
import type { NewOrder, Order } from '../order.repository.js';
import { toOrderView, type DraftOrderInput } from '../order.schema.js';
import { RecordOrder } from './record-order.js';

export interface PlaceOrderCommand {
  readonly userId: string;
  readonly idempotencyKey: string;
  readonly input: DraftOrderInput;
}

/** Places an order, once per idempotency key. The answer is kept in the same transaction as the order. */
@Injectable()
export class PlaceOrder {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly drafts: OrderDrafts,
    private readonly recordOrder: RecordOrder,
    private readonly config: OrderConfig,
    private readonly clock: Clock,
  ) {}

  /** @throws what OrderDrafts throws; InsufficientStock when others were faster; the idempotency errors */
  async execute({ userId, idempotencyKey, input }: PlaceOrderCommand): Promise<IdempotentAnswer> {
    const request: IdempotentRequest = {
      ownerId: userId,
      key: idempotencyKey,
      fingerprint: ['POST /orders', input],
    };
    return this.idempotency.execute(request, () => this.prepare(userId, input));
  }

  private async prepare(userId: string, input: DraftOrderInput): Promise<ForetoldEffect> {
    const draft = await this.drafts.draft(userId, input);
    const order = this.newOrder(userId, draft);
    return {
      answer: { status: 201, body: JSON.stringify(toOrderView(asPlaced(order))) },
      run: () => this.recordOrder.execute(order, draft.payer, draft.fromCart),
    };
  }

  private newOrder(userId: string, draft: OrderDraft): NewOrder {
    const { lines, amounts, couponId, address, remark } = draft;
    const createdAt = this.clock.now();
    const expiresAt = new Date(createdAt.getTime() + this.config.paymentTimeout);
    const number = newOrderNumber(createdAt);
    return { id: newId(), number, userId, lines, amounts, couponId, address, remark, createdAt, expiresAt };
  }
}

const untouched = {
  refundCount: 0,
  shipment: null,
  paidAt: null,
  shippedAt: null,
  receivedAt: null,
  completedAt: null,
  cancelledAt: null,
  refundedAt: null,
};

function asPlaced(order: NewOrder): Order {
  return { ...order, ...untouched, status: 'awaiting_payment' };
}
