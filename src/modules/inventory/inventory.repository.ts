import { Injectable } from '@nestjs/common';
import { oneOf } from '../../platform/database/one-of.js';
import { Transactor } from '../../platform/database/transactor.js';
import type { StockLine } from './inventory.contract.js';

/** How a held reservation ends: the movement it writes and the status it leaves. */
export type Settlement = 'commit' | 'release';

const availabilitySql = `
  select sku_id as "skuId", on_hand - reserved as available from stock_items where sku_id ${oneOf('$1')}`;

/**
 * Always in SKU order, so that two carts with the same goods cannot deadlock. A statement of its own: one that also
 * updated would do so on the rows as they were before the lock was waited for, and pass over units that have just come
 * back.
 */
const lockSql = `${availabilitySql} order by sku_id for update`;

const holdSql = `
  with line as (
    select sku_id, quantity from unnest((select $2::uuid[]), (select $3::integer[])) as line (sku_id, quantity)
  ), taken as (
    update stock_items item set reserved = item.reserved + line.quantity from line
    where item.sku_id ${oneOf('$2')} and item.sku_id = line.sku_id
      and item.on_hand - item.reserved >= line.quantity
    returning item.sku_id, line.quantity
  ), noted as (
    insert into stock_ledger (reference, sku_id, kind, quantity, on_hand_delta, reserved_delta)
    select $1, sku_id, 'reserve', quantity, 0, quantity from taken
  )
  insert into stock_reservations (reference, sku_id, quantity) select $1, sku_id, quantity from taken`;

/** Whoever turns the reservation from held wins; a second settlement of either kind finds no row and moves nothing. */
const settleSql = `
  with settled as (
    update stock_reservations
    set status = case $2 when 'commit' then 'committed' else 'released' end, settled_at = now()
    where reference = $1 and status = 'held'
    returning sku_id, quantity, case $2 when 'commit' then -quantity else 0 end as on_hand_delta
  ), locked as (
    select item.sku_id, quantity, on_hand_delta from stock_items item join settled using (sku_id)
    order by item.sku_id for update of item
  ), moved as (
    update stock_items item
    set on_hand = item.on_hand + locked.on_hand_delta, reserved = item.reserved - locked.quantity
    from locked where item.sku_id = locked.sku_id
    returning item.sku_id, locked.quantity, locked.on_hand_delta
  )
  insert into stock_ledger (reference, sku_id, kind, quantity, on_hand_delta, reserved_delta)
  select $1, sku_id, $2, quantity, on_hand_delta, -quantity from moved`;

/**
 * Locks first, so that the ledger tells of one SKU in the order in which things happened. The ledger's key lets one of
 * two at once through; the other notes nothing, and so moves nothing.
 */
const takeBackSql = `
  with locked as (
    select sku_id from stock_items where sku_id = any($2::uuid[]) order by sku_id for update
  ), noted as (
    insert into stock_ledger (reference, sku_id, kind, quantity, on_hand_delta, reserved_delta)
    select $1, sku_id, 'return', quantity, quantity, 0
    from locked join unnest($2::uuid[], $3::integer[]) as line (sku_id, quantity) using (sku_id)
    on conflict (reference, sku_id, kind) do nothing
    returning sku_id, quantity
  )
  update stock_items item set on_hand = item.on_hand + noted.quantity
  from noted where item.sku_id = noted.sku_id`;

/** All SQL of the stock. */
@Injectable()
export class InventoryRepository {
  constructor(private readonly transactor: Transactor) {}

  async availability(skuIds: readonly string[]): Promise<{ skuId: string; available: number }[]> {
    return this.transactor.query(availabilitySql, [skuIds]);
  }

  /** What can be taken of each SKU now; nobody else takes any until the transaction ends. */
  async lock(skuIds: readonly string[]): Promise<{ skuId: string; available: number }[]> {
    return this.transactor.query(lockSql, [skuIds]);
  }

  /** After `lock`, in its transaction. The number of lines that are held now. Each SKU at most once in `lines`. */
  async hold(reference: string, lines: readonly StockLine[]): Promise<number> {
    return this.transactor.execute(holdSql, [
      reference,
      lines.map(line => line.skuId),
      lines.map(line => line.quantity),
    ]);
  }

  /** The number of lines that were held and now are settled. */
  async settle(reference: string, settlement: Settlement): Promise<number> {
    return this.transactor.execute(settleSql, [reference, settlement]);
  }

  /** The number of lines whose units came back. Each SKU at most once in `lines`. */
  async takeBack(reference: string, lines: readonly StockLine[]): Promise<number> {
    return this.transactor.execute(takeBackSql, [
      reference,
      lines.map(line => line.skuId),
      lines.map(line => line.quantity),
    ]);
  }
}
