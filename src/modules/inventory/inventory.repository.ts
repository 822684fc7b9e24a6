import { Injectable } from '@nestjs/common';
import { oneOf } from '../../platform/database/one-of.js';
import { Transactor } from '../../platform/database/transactor.js';
import type { StockLine } from './inventory.contract.js';

/** How a held reservation ends: the movement it writes and the status it leaves. */
export type Settlement = 'commit' | 'release';

export interface Availability {
  readonly skuId: string;
  readonly available: number;
}

export interface HeldLine extends Availability {
  readonly isHeld: boolean;
}

const availabilitySql = `
  select sku_id as "skuId", on_hand - reserved as available from stock_items where sku_id ${oneOf('$1')}`;

/**
 * Locks always in SKU order, so that two carts with the same goods cannot deadlock. Everything is made of the rows as they
 * are once they are locked: the update itself first sees them, and has their constraints checked, as they were before
 * the lock was waited for, and would pass over units that have just come back.
 */
const holdSql = `
  with line as (
    select sku_id, quantity from unnest((select $2::uuid[]), (select $3::integer[])) as line (sku_id, quantity)
  ), locked as (
    select sku_id, on_hand, reserved from stock_items where sku_id ${oneOf('$2')} order by sku_id for update
  ), taken as (
    update stock_items item set on_hand = locked.on_hand, reserved = locked.reserved + line.quantity
    from locked join line using (sku_id)
    where item.sku_id = locked.sku_id and locked.on_hand - locked.reserved >= line.quantity
    returning item.sku_id, line.quantity
  ), noted as (
    insert into stock_ledger (reference, sku_id, kind, quantity, on_hand_delta, reserved_delta)
    select $1, sku_id, 'reserve', quantity, 0, quantity from taken
  ), held as (
    insert into stock_reservations (reference, sku_id, quantity) select $1, sku_id, quantity from taken
    returning sku_id
  )
  select locked.sku_id as "skuId", locked.on_hand - locked.reserved as available, held.sku_id is not null as "isHeld"
  from locked left join held using (sku_id)`;

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

  async availability(skuIds: readonly string[]): Promise<Availability[]> {
    return this.transactor.query(availabilitySql, [skuIds]);
  }

  /**
   * Holds the lines of which there is enough, and tells of each SKU that exists what there was of it. Each SKU at most
   * once in `lines`.
   */
  async hold(reference: string, lines: readonly StockLine[]): Promise<HeldLine[]> {
    return this.transactor.query(holdSql, [
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
