/** What must be true when a run is over and everything works again. */
import { isDeepStrictEqual } from 'node:util';
import { replayLedger, stockOf } from '../support/goods.ts';
import { movementsOf, tradeOf, type Trade } from '../support/trades.ts';
import type { Ground } from './ground.ts';
import type { History } from './history.ts';

export interface RunOrder {
  readonly id: string;
  readonly number: string;
  readonly status: string;
  readonly quantity: number;
  readonly skuId: string;
}

export async function ordersOf(
  { database }: Ground,
  skuIds: readonly string[],
): Promise<readonly RunOrder[]> {
  const { rows } = await database.query<RunOrder>(
    `select o.id, o.number, o.status, i.quantity, i.sku_id as "skuId"
     from orders o join order_items i on i.order_id = o.id where i.sku_id = any($1) order by o.id`,
    [skuIds],
  );
  return rows;
}

/** One line for each promise that was broken. */
export async function violations(
  ground: Ground,
  history: History,
  goods: { readonly skuIds: readonly string[]; readonly stock: number },
): Promise<readonly string[]> {
  const orders = await ordersOf(ground, goods.skuIds);
  const perSku = goods.skuIds.map(skuId => stockViolations(ground, orders, skuId, goods.stock));
  const perOrder = orders.map(order => orderViolations(ground, order));
  const found = await Promise.all([...perSku, ...perOrder]);
  return [...answerViolations(history, orders), ...found.flat()];
}

/** I1: what is sold was there, and the ledger says the same as the balance. */
async function stockViolations(
  { database }: Ground,
  orders: readonly RunOrder[],
  skuId: string,
  stock: number,
): Promise<readonly string[]> {
  const sold = orders
    .filter(order => order.skuId === skuId && order.status === 'paid')
    .reduce((sum, { quantity }) => sum + quantity, 0);
  const level = await stockOf(database, skuId);
  const expected = { onHand: stock - sold, reserved: 0 };
  const found: string[] = [];
  if (sold > stock) found.push(`I1 sold ${sold} of ${stock}`);
  if (!isDeepStrictEqual(level, expected))
    found.push(`I1 stock is ${JSON.stringify(level)}, orders say ${JSON.stringify(expected)}`);
  const replayed = await replayLedger(database, skuId);
  if (!isDeepStrictEqual(replayed, level)) found.push(`I1 the ledger says ${JSON.stringify(replayed)}`);
  return found;
}

/** I2: what was confirmed exists. I3: one key, one order, one answer. */
function answerViolations(history: History, orders: readonly RunOrder[]): readonly string[] {
  const existing = new Set(orders.map(({ id }) => id));
  const answers = Map.groupBy(history.confirmedOrders(), ({ key }) => key);
  const found: string[] = [];
  for (const [key, answered] of answers) {
    if (new Set(answered.map(({ text }) => text)).size > 1) found.push(`I3 key ${key} had several answers`);
    for (const { id } of answered)
      if (!existing.has(id)) found.push(`I2 order ${id} was confirmed and is gone`);
  }
  const keys = new Set(history.operations.filter(({ name }) => name === 'order').map(({ key }) => key));
  if (orders.length > keys.size) found.push(`I3 ${orders.length} orders for ${keys.size} keys`);
  return found;
}

/** I4: every effect once. I5: the shop and WeChat agree on the money. I6: everything came to an end. */
async function orderViolations(ground: Ground, order: RunOrder): Promise<readonly string[]> {
  const { id, number, status } = order;
  const [movements, trade] = await Promise.all([movementsOf(ground, id), tradeOf(ground, number)]);
  const end = status === 'paid' ? 'commit' : 'release';
  const promises: readonly (readonly [boolean, string])[] = [
    [['paid', 'cancelled'].includes(status), `I6 order ${id} is still ${status}`],
    [
      isDeepStrictEqual(movements, { reserve: 1, [end]: 1 }),
      `I4 order ${id} (${status}) moved stock ${JSON.stringify(movements)}`,
    ],
    [agrees(status, trade), `I5 order ${id} is ${status}, WeChat says ${trade?.trade_state ?? 'nothing'}`],
  ];
  return promises.filter(([kept]) => !kept).map(([, broken]) => broken);
}

/** A paid order has its money; nobody can pay for a cancelled one any more. */
function agrees(status: string, trade: Trade | undefined): boolean {
  if (status === 'paid') return trade?.trade_state === 'SUCCESS';
  return trade === undefined || trade.trade_state === 'CLOSED';
}
