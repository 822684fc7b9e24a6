/** What must be true when a run is over and everything works again. */
import { isDeepStrictEqual } from 'node:util';
import { replayLedger, stockOf } from '../support/goods.ts';
import { movementsOf, tradeOf, type Trade } from '../support/trades.ts';
import { couponViolations } from './coupon-invariants.ts';
import type { Ground } from './ground.ts';
import type { History } from './history.ts';
import { refundViolations } from './refund-invariants.ts';
import { ordersOf, type RunOrder } from './run-orders.ts';

export interface Checked {
  readonly skuIds: readonly string[];
  readonly templateId: string;
  /** Of each SKU, at the beginning. */
  readonly stock: number;
  /** What the merchant decided about refund requests. */
  readonly decisions: ReadonlyMap<string, { readonly restock: boolean }>;
  /** WeChat has said of trades that they are closed, and they were not. */
  readonly isClosingInName: boolean;
}

/** One line for each promise that was broken. */
export async function violations(
  ground: Ground,
  history: History,
  checked: Checked,
): Promise<readonly string[]> {
  const orders = await ordersOf(ground, checked.skuIds);
  const found = await Promise.all([
    ...checked.skuIds.map(skuId => stockViolations(ground, orders, skuId, checked)),
    ...orders.map(order => orderViolations(ground, order, checked)),
    couponViolations(ground, history, checked.templateId),
  ]);
  return [...answerViolations(history, orders), ...found.flat()];
}

/** I1: what is sold was there, and the ledger says the same as the balance. */
async function stockViolations(
  ground: Ground,
  orders: readonly RunOrder[],
  skuId: string,
  { stock, decisions }: Checked,
): Promise<readonly string[]> {
  const sold = orders
    .filter(order => order.skuId === skuId && order.status !== 'cancelled')
    .reduce((sum, { quantity }) => sum + quantity, 0);
  const returned = await unitsTakenBack(ground, skuId, decisions);
  const level = await stockOf(ground.database, skuId);
  const expected = { onHand: stock - sold + returned, reserved: 0 };
  const found: string[] = [];
  if (sold - returned > stock) found.push(`I1 sold ${sold} of ${stock}`);
  if (!isDeepStrictEqual(level, expected))
    found.push(`I1 stock is ${JSON.stringify(level)}, orders say ${JSON.stringify(expected)}`);
  const replayed = await replayLedger(ground.database, skuId);
  if (!isDeepStrictEqual(replayed, level)) found.push(`I1 the ledger says ${JSON.stringify(replayed)}`);
  return found;
}

/** Of what was approved: all that had not been shipped by then, and what the merchant says has come back. */
async function unitsTakenBack(
  { database }: Ground,
  skuId: string,
  decisions: Checked['decisions'],
): Promise<number> {
  const { rows } = await database.query<{ id: string; quantity: number; wasShipped: boolean }>(
    `select r.id, i.quantity, coalesce(o.shipped_at < r.decided_at, false) as "wasShipped"
     from refund_requests r join refund_request_items i on i.request_id = r.id join orders o on o.id = r.order_id
     where i.sku_id = $1 and r.refund_no is not null`,
    [skuId],
  );
  return rows
    .filter(({ id, wasShipped }) => !wasShipped || decisions.get(id)?.restock)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}

/** I2: what was confirmed exists. I3: one key, one order, one answer. */
function answerViolations(history: History, orders: readonly RunOrder[]): readonly string[] {
  const existing = new Set(orders.map(({ id }) => id));
  const confirmed = history.confirmed('order');
  const gone = confirmed.filter(({ id }) => !existing.has(id));
  const found = gone.map(({ id }) => `I2 order ${id} was confirmed and is gone`);
  const keyed = [...confirmed, ...history.confirmed('claim'), ...history.confirmed('refund')];
  for (const [key, answered] of Map.groupBy(keyed, answer => answer.key))
    if (new Set(answered.map(({ text }) => text)).size > 1) found.push(`I3 key ${key} had several answers`);
  const keys = history.keys('order');
  if (orders.length > keys.size) found.push(`I3 ${orders.length} orders for ${keys.size} keys`);
  return found;
}

/** I4: every effect once. I5: the shop and WeChat agree on the money. I6: everything came to an end. */
async function orderViolations(
  ground: Ground,
  order: RunOrder,
  { isClosingInName }: Checked,
): Promise<readonly string[]> {
  const { id, number, status } = order;
  const [movements, trade] = await Promise.all([movementsOf(ground, id), tradeOf(ground, number)]);
  const end = status === 'cancelled' ? 'release' : 'commit';
  const promises: readonly (readonly [boolean, string])[] = [
    [ended.includes(status), `I6 order ${id} is still ${status}`],
    [
      isDeepStrictEqual(movements, { reserve: 1, [end]: 1 }),
      `I4 order ${id} (${status}) moved stock ${JSON.stringify(movements)}`,
    ],
    [
      agrees(status, trade, isClosingInName),
      `I5 order ${id} is ${status}, WeChat says ${trade?.trade_state ?? 'nothing'}`,
    ],
  ];
  const broken = promises.filter(([kept]) => !kept).map(([, line]) => line);
  return [...broken, ...(await refundViolations(ground, order, trade))];
}

const ended = ['paid', 'shipped', 'refunded', 'cancelled'];

/** A paid order has its money, or has given it back; nobody can pay for a cancelled one any more. */
function agrees(status: string, trade: Trade | undefined, isClosingInName: boolean): boolean {
  const state = trade?.trade_state;
  if (status === 'refunded') return state === 'REFUND';
  if (status !== 'cancelled') return state === 'SUCCESS' || state === 'REFUND';
  if (state === undefined || state === 'CLOSED') return true;
  return isClosingInName && (state === 'NOTPAY' || state === 'REFUND');
}
