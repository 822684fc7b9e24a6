import type { TestApp } from './app.ts';
import { stockGoods } from './goods.ts';
import type { Shopper, OrderBody } from './shopper.ts';
import { orderRow } from './trades.ts';
import { until } from './until.ts';

export interface PaidOrderOptions {
  /** Goods of its own if absent. */
  readonly skuId?: string;
  readonly quantity?: number;
}

/** An order that its shopper has paid on the phone. */
export async function paidOrder(
  shop: TestApp,
  shopper: Shopper,
  { skuId, quantity = 1 }: PaidOrderOptions = {},
): Promise<OrderBody> {
  const order = await shopper.order(skuId ?? (await stockGoods(shop.database)).skuId, quantity);
  await shopper.pay(order.id, { waitForNotify: true });
  await becomes(shop, order, 'paid');
  return order;
}

export async function becomes(
  shop: Pick<TestApp, 'database'>,
  { id }: Pick<OrderBody, 'id'>,
  status: string,
): Promise<void> {
  await until(`the order is ${status}`, async () => (await orderRow(shop, id)).status === status);
}

/** What a shopper asks to have back: all of the order, or `quantity` units of its first line. */
export async function askRefund(shopper: Shopper, order: OrderBody, quantity?: number): Promise<string> {
  const items = quantity && [{ skuId: order.items[0]!.skuId, quantity }];
  const answer = await shopper.post<{ id: string }>(
    `/orders/${order.id}/refunds`,
    { reason: '不想要了', ...(items && { items }) },
    { key: true },
  );
  if (answer.status !== 201) throw new Error(`refund refused: ${answer.status} ${answer.text}`);
  return answer.body.id;
}
