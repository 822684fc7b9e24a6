import { Injectable } from '@nestjs/common';
import { Clock } from '../../../kernel/clock.js';
import { newId } from '../../../kernel/id.js';
import {
  Idempotency,
  type IdempotentAnswer,
  type IdempotentRequest,
} from '../../../platform/idempotency/idempotency.js';
import { Customers } from '../../identity/identity.contract.js';
import { newOrderNumber } from './order-number.js';
import { OrderConfig } from '../order.config.js';
import { OrderDrafts, type OrderDraft } from './order-draft.js';
import type { NewOrder } from '../order.repository.js';
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
    private readonly customers: Customers,
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
    // Asked first: a retry must get its order even if the last unit is gone by now, perhaps into this very order.
    const earlier = await this.idempotency.find(request);
    if (earlier) return earlier;
    try {
      return await this.place(userId, input, request);
    } catch (error) {
      // The same request, sent twice at once, may have won meanwhile: then its order took what is missing here.
      const winner = await this.idempotency.find(request);
      if (winner) return winner;
      throw error;
    }
  }

  private async place(
    userId: string,
    input: DraftOrderInput,
    request: IdempotentRequest,
  ): Promise<IdempotentAnswer> {
    const [draft, payer] = await Promise.all([
      this.drafts.draft(userId, input),
      this.customers.getPayer(userId),
    ]);
    return this.idempotency.run(request, async () => {
      const order = this.newOrder(userId, draft);
      await this.recordOrder.execute(order, payer, draft.fromCart);
      return { status: 201, body: JSON.stringify(toOrderView(asPlaced(order))) };
    });
  }

  private newOrder(userId: string, { lines, amounts, address, remark }: OrderDraft): NewOrder {
    const createdAt = this.clock.now();
    const expiresAt = new Date(createdAt.getTime() + this.config.paymentTimeout);
    const number = newOrderNumber(createdAt);
    return { id: newId(), number, userId, lines, amounts, address, remark, createdAt, expiresAt };
  }
}

function asPlaced(order: NewOrder) {
  return { ...order, status: 'awaiting_payment' as const, paidAt: null, receivedAt: null, cancelledAt: null };
}
