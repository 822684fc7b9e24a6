/** The orders of a run, told by its goods, as PostgreSQL has them. */
import type { Ground } from './ground.ts';

export interface RunOrder {
  readonly id: string;
  readonly number: string;
  readonly status: string;
  readonly totalFen: number;
  readonly freightFen: number;
  readonly shippedAt: Date | null;
  readonly quantity: number;
  readonly skuId: string;
}

export async function ordersOf(
  { database }: Ground,
  skuIds: readonly string[],
): Promise<readonly RunOrder[]> {
  const { rows } = await database.query<RunOrder>(
    `select o.id, o.number, o.status, o.total_fen as "totalFen", o.freight_fen as "freightFen",
       o.shipped_at as "shippedAt", i.quantity, i.sku_id as "skuId"
     from orders o join order_items i on i.order_id = o.id where i.sku_id = any($1) order by o.id`,
    [skuIds],
  );
  return rows;
}
