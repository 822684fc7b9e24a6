import { Injectable } from '@nestjs/common';
import { Transactor } from '../../platform/database/transactor.js';
import type { LedgerQuery, StockChange, StockLevel, StockMovement } from './inventory.contract.js';

interface MovementRow extends Omit<StockMovement, 'position' | 'reason' | 'actorId'> {
  /** A bigint, as text. */
  readonly position: string;
  readonly reason: string | null;
  readonly actorId: string | null;
}

/** The condition and its effect are one statement: what is reserved meanwhile is seen, or waits. */
const adjustSql = `
  with changed as (
    update stock_items set on_hand = on_hand + $2
    where sku_id = $1 and on_hand::bigint + $2 between reserved and $6
    returning on_hand, reserved
  ), noted as (
    insert into stock_ledger (reference, sku_id, kind, quantity, on_hand_delta, reserved_delta, reason, actor_id)
    select $3, $1, 'adjust', abs($2::integer), $2, 0, $4, $5 from changed
  )
  select on_hand as "onHand", reserved from changed`;

/** The SQL of looking after the stock. */
@Injectable()
export class StockDeskRepository {
  constructor(private readonly transactor: Transactor) {}

  async findLevel(skuId: string): Promise<StockLevel | null> {
    const [level] = await this.transactor.query<StockLevel>(
      'select on_hand as "onHand", reserved from stock_items where sku_id = $1',
      [skuId],
    );
    return level ?? null;
  }

  async open(skuId: string): Promise<void> {
    await this.transactor.execute('insert into stock_items (sku_id) values ($1) on conflict do nothing', [
      skuId,
    ]);
  }

  /** Null, and nothing changed, when less than what is reserved would be left, or more than `maxOnHand`. */
  async adjust(change: StockChange, reference: string, maxOnHand: number): Promise<StockLevel | null> {
    const { skuId, delta, reason, actorId } = change;
    const [level] = await this.transactor.query<StockLevel>(adjustSql, [
      skuId,
      delta,
      reference,
      reason,
      actorId,
      maxOnHand,
    ]);
    return level ?? null;
  }

  async listMovements(skuId: string, { limit, before }: LedgerQuery): Promise<StockMovement[]> {
    const rows = await this.transactor.query<MovementRow>(
      `select position, reference, kind, on_hand_delta as "onHandDelta", reserved_delta as "reservedDelta", reason,
         actor_id as "actorId", created_at as at
       from stock_ledger where sku_id = $1 and ($2::bigint is null or position < $2) order by position desc limit $3`,
      [skuId, before, limit],
    );
    return rows.map(({ position, reason, actorId, ...row }) => ({
      ...row,
      position: Number(position),
      reason: reason ?? undefined,
      actorId: actorId ?? undefined,
    }));
  }
}
