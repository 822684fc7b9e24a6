import { Injectable } from '@nestjs/common';
import { EventPublisher } from '../../../platform/events/event-publisher.js';
import { Carts } from '../../cart/cart.contract.js';
import type { Payer } from '../../identity/identity.contract.js';
import { Stock } from '../../inventory/inventory.contract.js';
import { Payments } from '../../payment/payment.contract.js';
import { Coupons } from '../../promotion/promotion.contract.js';
import { CartChanged } from '../order.errors.js';
import { OrderPlaced } from '../order.events.js';
import { OrderRepository, type NewOrder } from '../order.repository.js';

/** Everything that becomes true together when an order is placed. Runs inside the caller's transaction. */
@Injectable()
export class RecordOrder {
  constructor(
    private readonly orders: OrderRepository,
    private readonly stock: Stock,
    private readonly carts: Carts,
    private readonly coupons: Coupons,
    private readonly payments: Payments,
    private readonly events: EventPublisher,
  ) {}

  /**
   * Statements go to PostgreSQL together, and run there in this, the house's lock order. Stock comes last, because
   * everybody wants the rows of a hot SKU, and not before it is known whether coupon and cart are as they were.
   */
  async execute(order: NewOrder, payer: Payer, fromCart: boolean): Promise<void> {
    const { id, number, userId, couponId, lines, amounts, expiresAt } = order;
    const others = [
      this.orders.insert(order),
      couponId !== null && this.coupons.redeem(userId, couponId, id),
      fromCart && this.takeFromCart(userId, lines),
      this.payments.open({
        reference: number,
        amountFen: amounts.totalFen,
        payerOpenid: payer.openid,
        description: describe(lines),
        expiresAt,
      }),
      this.events.publish(OrderPlaced, { orderId: id, number, expiresAt: expiresAt.toISOString() }),
    ];
    if (couponId !== null || fromCart) await Promise.all(others);
    await Promise.all([...others, this.stock.reserve(id, lines)]);
  }

  private async takeFromCart(userId: string, lines: NewOrder['lines']): Promise<void> {
    if (!(await this.carts.takeLines(userId, lines))) throw new CartChanged();
  }
}

function describe(lines: NewOrder['lines']): string {
  const first = lines[0]?.productName ?? '';
  return lines.length > 1 ? `${first.slice(0, 100)} 等${lines.length}件商品` : first;
}
