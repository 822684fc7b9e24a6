import type { TestApp } from './app.ts';
import { call } from './http.ts';

export interface Trade {
  readonly trade_state: 'NOTPAY' | 'SUCCESS' | 'REFUND' | 'CLOSED';
  readonly transaction_id?: string;
}

/** What WeChat believes about an order; undefined when it has never heard of it. */
export async function tradeOf(shop: Pick<TestApp, 'sandboxUrl'>, number: string): Promise<Trade | undefined> {
  const { status, body } = await call<Trade>('GET', `${shop.sandboxUrl}/__sandbox/trades/${number}`);
  return status === 200 ? body : undefined;
}

export interface OrderRow {
  readonly status: string;
  readonly cancelReason: string | null;
}

/** The order as PostgreSQL has it, without asking the shop: its own reads ask WeChat and may change it. */
export async function orderRow(shop: Pick<TestApp, 'database'>, id: string): Promise<OrderRow> {
  const { rows } = await shop.database.query<OrderRow>(
    'select status, cancel_reason as "cancelReason" from orders where id = $1',
    [id],
  );
  return rows[0]!;
}

/** How often each kind of movement was written for an order. */
export async function movementsOf(
  shop: Pick<TestApp, 'database'>,
  id: string,
): Promise<Record<string, number>> {
  const { rows } = await shop.database.query<{ kind: string; count: number }>(
    'select kind, count(*)::int as count from stock_ledger where reference = $1 group by kind',
    [id],
  );
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}

const way = ['paid', 'shipped', 'received', 'completed'] as const;

/** Takes an order along its way, past the shop, with all that such an order has. */
export async function advance(
  shop: Pick<TestApp, 'database'>,
  id: string,
  state: (typeof way)[number],
): Promise<void> {
  await shop.database.query(
    `update orders set status = $2, paid_at = coalesce(paid_at, now()),
       shipped_at = case when $3 > 0 then now() end, carrier = case when $3 > 0 then 'SF' end,
       tracking_number = case when $3 > 0 then 'SF1' end, received_at = case when $3 > 1 then now() end,
       completed_at = case when $3 > 2 then now() end
     where id = $1`,
    [id, state, way.indexOf(state)],
  );
}
