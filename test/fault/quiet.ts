/** When nothing of a run is in motion any more. */
import { setTimeout as pause } from 'node:timers/promises';
import { call } from '../support/http.ts';
import { tradeOf } from '../support/trades.ts';
import type { Ground } from './ground.ts';
import { ordersOf } from './run-orders.ts';

/** Far longer than anything takes to recover; a run that needs it has lost something. */
const quietWithinMs = 45_000;

/** Every order, refund and request has ended, and every event has taken effect. */
export async function becomesQuiet(
  ground: Ground,
  skuIds: readonly string[],
  isClosingInName: boolean,
): Promise<boolean> {
  const deadline = performance.now() + quietWithinMs;
  while (performance.now() < deadline) {
    const moving = await inMotion(ground, skuIds).catch(() => Infinity);
    if (moving === 0 && !(isClosingInName && (await tellAgain(ground, skuIds)))) return true;
    await pause(50);
  }
  return false;
}

async function inMotion({ database }: Ground, skuIds: readonly string[]): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `with own as (
       select o.* from orders o
       where exists (select 1 from order_items i where i.order_id = o.id and i.sku_id = any($1))
     )
     select ((select count(*) from own where status in ('awaiting_payment', 'refunding'))
       + (select count(*) from own join refunds r on r.reference = own.number
          where r.status in ('requested', 'processing', 'abnormal'))
       + (select count(*) from own join refund_requests q on q.order_id = own.id
          where q.status in ('requested', 'approved', 'failed'))
       + (select count(*) from outbox where due_at <= now()))::int as count`,
    [skuIds],
  );
  return rows[0]!.count;
}

/**
 * Money for a cancelled order is only known by its notice, which WeChat repeats for a day; what even that does not bring
 * is in the day's bill. Here the day is short. True while such money has not been heard of.
 */
async function tellAgain(ground: Ground, skuIds: readonly string[]): Promise<boolean> {
  const cancelled = (await ordersOf(ground, skuIds)).filter(({ status }) => status === 'cancelled');
  const trades = await Promise.all(cancelled.map(({ number }) => tradeOf(ground, number)));
  const unheard = cancelled.filter((_, index) => trades[index]?.trade_state === 'SUCCESS');
  if (unheard.length === 0) return false;
  const control = `${ground.sandboxUrl}/__sandbox/notifications`;
  const { body } = await call<{ items: { id: string; outTradeNo: string }[] }>('GET', control);
  for (const { number } of unheard) {
    const notice = body.items.find(({ outTradeNo }) => outTradeNo === number);
    if (notice) await call('POST', `${control}/${notice.id}/redeliver`);
  }
  return true;
}
