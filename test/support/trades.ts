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
