import { Injectable } from '@nestjs/common';
import { Clock } from '../../../kernel/clock.js';
import { newId } from '../../../kernel/id.js';
import { addUp, type Quantity } from '../../../kernel/quantities.js';
import { OrderNotFound } from '../order.errors.js';
import { canMove } from '../order.machine.js';
import { OrderRepository, type Order, type OrderLine } from '../order.repository.js';
import { NothingToRefund, OrderNotRefundable } from './aftersale.errors.js';
import { assertWechatRefunds, planRefund, type RefundableLine, type RefundPlan } from './refund-plan.js';
import { RefundRequestRepository, type RefundRequest } from './refund-request.repository.js';

export interface RefundWish {
  readonly reason: string;
  /** All that is left when absent. */
  readonly items?: readonly Quantity[];
}

/** A request for a refund; the order waits for its outcome. Runs inside the caller's transaction. */
@Injectable()
export class RequestRefund {
  constructor(
    private readonly orders: OrderRepository,
    private readonly requests: RefundRequestRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws OrderNotFound, OrderNotRefundable, RefundNotPossible, RefundItemsInvalid, NothingToRefund */
  async execute(orderId: string, { reason, items }: RefundWish): Promise<RefundRequest> {
    const order = await this.orders.lock(orderId);
    if (!order) throw new OrderNotFound();
    if (!canMove(order.status, 'start_refund')) throw new OrderNotRefundable({ state: order.status });
    assertWechatRefunds(order, this.clock.now());
    const plan = planRefund(order.lines.map(toRefundable), items && addUp(items));
    const amountFen = plan.itemsFen + freightOf(order, plan);
    if (amountFen === 0) throw new NothingToRefund();
    const id = newId();
    await this.requests.startOrderRefund(orderId);
    await this.requests.insert({ id, orderId, reason, amountFen, isWhole: plan.isWhole, items: plan.items });
    return (await this.requests.find(id))!;
  }
}

function toRefundable(line: OrderLine): RefundableLine {
  const { skuId, quantity, priceFen, discountFen, refundedQuantity: refunded } = line;
  return { skuId, quantity, paidFen: priceFen * quantity - discountFen, refunded };
}

/** Freight was paid for a parcel: it goes back only when none will be sent at all. */
function freightOf({ status, amounts }: Order, { isWhole }: RefundPlan): number {
  return isWhole && status === 'paid' ? amounts.freightFen : 0;
}
