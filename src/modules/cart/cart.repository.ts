import { Injectable } from '@nestjs/common';
import { Transactor } from '../../platform/database/transactor.js';
import type { CartLine } from './cart.contract.js';

/** The cart around `line`, which is what a statement has just written. */
const cartSql = `
  select sku_id as "skuId", quantity from (
    select sku_id, quantity, added_at from line
    union all
    select sku_id, quantity, added_at from cart_items where user_id = $1 and sku_id <> $2
  ) as cart order by added_at, sku_id`;

const changeSql = `
  with line as (
    update cart_items set quantity = $3 where user_id = $1 and sku_id = $2
    returning sku_id, quantity, added_at
  ) ${cartSql}`;

const putSql = `
  with line as (
    insert into cart_items (user_id, sku_id, quantity)
    select $1, $2, $3
    where exists (select from cart_items where user_id = $1 and sku_id = $2)
       or (select count(*) from cart_items where user_id = $1) < $4
    on conflict (user_id, sku_id) do update set quantity = excluded.quantity
    returning sku_id, quantity, added_at
  ) ${cartSql}`;

@Injectable()
export class CartRepository {
  constructor(private readonly transactor: Transactor) {}

  async list(userId: string): Promise<CartLine[]> {
    return this.transactor.query<CartLine>(
      'select sku_id as "skuId", quantity from cart_items where user_id = $1 order by added_at, sku_id',
      [userId],
    );
  }

  /** Until the transaction ends, nobody else puts a line into this cart: two would count the same lines. */
  async lock(userId: string): Promise<void> {
    await this.transactor.query(`select pg_advisory_xact_lock(hashtextextended('cart ' || $1, 0))`, [userId]);
  }

  /** Sets the quantity of a line that is there. The cart as it is then, without the line if it is not. */
  async change(userId: string, { skuId, quantity }: CartLine): Promise<CartLine[]> {
    return this.transactor.query<CartLine>(changeSql, [userId, skuId, quantity]);
  }

  /**
   * Sets the quantity of a line, new or not. The cart as it is then, without the line if that is new and the cart has
   * `maxLines` already. After `lock`, in its transaction: a statement that waited for the lock itself would count the
   * lines as they were before.
   */
  async put(userId: string, { skuId, quantity }: CartLine, maxLines: number): Promise<CartLine[]> {
    return this.transactor.query<CartLine>(putSql, [userId, skuId, quantity, maxLines]);
  }

  async remove(userId: string, skuId: string): Promise<void> {
    await this.transactor.execute('delete from cart_items where user_id = $1 and sku_id = $2', [
      userId,
      skuId,
    ]);
  }

  /** The number of lines that were there with this very quantity, and are gone now. */
  async take(userId: string, lines: readonly CartLine[]): Promise<number> {
    return this.transactor.execute(
      `delete from cart_items item using unnest($2::uuid[], $3::integer[]) as line (sku_id, quantity)
       where item.user_id = $1 and item.sku_id = line.sku_id and item.quantity = line.quantity`,
      [userId, lines.map(({ skuId }) => skuId), lines.map(({ quantity }) => quantity)],
    );
  }
}
