import { Injectable } from '@nestjs/common';
import { pageOf, type Page } from '../../kernel/page.js';
import { Transactor } from '../../platform/database/transactor.js';
import type { ShippingAddress } from '../identity/identity.contract.js';
import type { OrderAmounts } from './order-amounts.js';
import { orderMoves, type OrderMove, type OrderState } from './order.machine.js';

/** A line as it was when ordered: later changes of the catalogue do not touch it. */
export interface OrderLine {
  readonly skuId: string;
  readonly productId: string;
  readonly productName: string;
  readonly skuName: string;
  readonly specs: readonly { readonly name: string; readonly value: string }[];
  readonly imageUrl: string;
  readonly priceFen: number;
  readonly quantity: number;
  /** What the whole line costs less; the lines of an order add up to its discount. */
  readonly discountFen: number;
  /** Units of it that have gone back. */
  readonly refundedQuantity: number;
}

export interface NewOrder {
  readonly id: string;
  readonly number: string;
  readonly userId: string;
  readonly amounts: OrderAmounts;
  readonly couponId: string | null;
  readonly address: ShippingAddress;
  readonly remark: string | null;
  readonly expiresAt: Date;
  readonly createdAt: Date;
  readonly lines: readonly OrderLine[];
}

export interface Order extends NewOrder {
  readonly status: OrderState;
  /** Refunds of it that WeChat was asked for. */
  readonly refundCount: number;
  readonly shipment: { readonly carrier: string; readonly trackingNumber: string } | null;
  readonly paidAt: Date | null;
  readonly shippedAt: Date | null;
  readonly receivedAt: Date | null;
  readonly completedAt: Date | null;
  readonly cancelledAt: Date | null;
  readonly refundedAt: Date | null;
}

export interface OrderListFilter {
  readonly userId?: string;
  readonly number?: string;
  readonly status?: OrderState;
  readonly limit: number;
  readonly beforeId: string | null;
}

export type CancelReason = 'by_customer' | 'by_merchant' | 'expired';

const selectOrders = `
  select o.id, o.number, o.user_id as "userId", o.status, o.coupon_id as "couponId", o.address, o.remark,
    json_build_object('itemsFen', o.items_fen, 'freightFen', o.freight_fen,
                      'discountFen', o.discount_fen, 'totalFen', o.total_fen) as amounts,
    o.expires_at as "expiresAt", o.created_at as "createdAt", o.paid_at as "paidAt",
    o.shipped_at as "shippedAt", o.received_at as "receivedAt", o.completed_at as "completedAt",
    o.cancelled_at as "cancelledAt", o.refunded_at as "refundedAt", o.refund_count as "refundCount",
    case when o.carrier is not null then
      json_build_object('carrier', o.carrier, 'trackingNumber', o.tracking_number) end as shipment,
    (select json_agg(json_build_object(
        'skuId', i.sku_id, 'productId', i.product_id, 'productName', i.product_name, 'skuName', i.sku_name,
        'specs', i.specs, 'imageUrl', i.image_url, 'priceFen', i.price_fen, 'quantity', i.quantity,
        'discountFen', i.discount_fen, 'refundedQuantity', i.refunded_quantity) order by i.line)
     from order_items i where i.order_id = o.id) as lines
  from orders o`;

const insertSql = `
  with placed as (
    insert into orders (id, number, user_id, status, items_fen, freight_fen, discount_fen, total_fen,
                        coupon_id, address, remark, expires_at, created_at)
    values ($1, $2, $3, 'awaiting_payment', $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id
  )
  insert into order_items (order_id, line, sku_id, product_id, product_name, sku_name, specs, image_url,
                           price_fen, quantity, total_fen, discount_fen)
  select placed.id, l.line, l."skuId", l."productId", l."productName", l."skuName", l.specs, l."imageUrl",
         l."priceFen", l.quantity, l."priceFen" * l.quantity, l."discountFen"
  from placed, jsonb_to_recordset($13) as l(line int, "skuId" uuid, "productId" uuid, "productName" text,
                                            "skuName" text, specs jsonb, "imageUrl" text, "priceFen" int,
                                            quantity int, "discountFen" int)`;

/** Every owner's query carries the owner; every state change is one conditional statement. */
@Injectable()
export class OrderRepository {
  constructor(private readonly transactor: Transactor) {}

  /** The order and its lines. */
  async insert(order: NewOrder): Promise<void> {
    const { id, number, userId, amounts, couponId, address, remark, expiresAt, createdAt, lines } = order;
    await this.transactor.execute(insertSql, [
      id,
      number,
      userId,
      amounts.itemsFen,
      amounts.freightFen,
      amounts.discountFen,
      amounts.totalFen,
      couponId,
      JSON.stringify(address),
      remark,
      expiresAt,
      createdAt,
      JSON.stringify(lines.map((line, index) => ({ ...line, line: index + 1 }))),
    ]);
  }

  async findOwned(userId: string, id: string): Promise<Order | null> {
    const rows = await this.transactor.query<Order>(`${selectOrders} where o.id = $1 and o.user_id = $2`, [
      id,
      userId,
    ]);
    return rows[0] ?? null;
  }

  async find(id: string): Promise<Order | null> {
    const rows = await this.transactor.query<Order>(`${selectOrders} where o.id = $1`, [id]);
    return rows[0] ?? null;
  }

  /** By PostgreSQL's clock, as the sweeper: processes whose clocks disagree must agree on whose time is up. */
  async findOverdue(id: string): Promise<Order | null> {
    const rows = await this.transactor.query<Order>(
      `${selectOrders} where o.id = $1 and o.expires_at <= now()`,
      [id],
    );
    return rows[0] ?? null;
  }

  async findByNumber(number: string): Promise<Order | null> {
    const rows = await this.transactor.query<Order>(`${selectOrders} where o.number = $1`, [number]);
    return rows[0] ?? null;
  }

  /** As `find`, and nobody else can change it until the transaction ends. */
  async lock(id: string): Promise<Order | null> {
    // Of its own: of what a statement waited for, it sees only the locked row as it is now, and the order's lines not.
    await this.transactor.query('select 1 from orders where id = $1 for update', [id]);
    return this.find(id);
  }

  /** Newest first; ids sort by time. */
  async list({ userId, number, status, limit, beforeId }: OrderListFilter): Promise<Page<Order>> {
    const rows = await this.transactor.query<Order>(
      `${selectOrders}
       where ($1::uuid is null or o.user_id = $1) and ($2::text is null or o.number = $2)
         and ($3::text is null or o.status = $3) and ($4::uuid is null or o.id < $4)
       order by o.id desc limit $5`,
      [userId ?? null, number ?? null, status ?? null, beforeId, limit + 1],
    );
    return pageOf(rows, limit, order => [order.id]);
  }

  /**
   * Takes unpaid orders whose time ran out more than `graceMs` ago: their job was lost or is late. Nobody else is given
   * them for `claimMs`, so that many processes ask WeChat about each only once.
   */
  async claimOverdue(graceMs: number, claimMs: number, limit: number): Promise<readonly string[]> {
    const rows = await this.transactor.query<{ id: string }>(
      `update orders set swept_at = now() where id in (
         select id from orders
         where status = 'awaiting_payment' and expires_at < now() - $1 * interval '1 millisecond'
           and (swept_at is null or swept_at < now() - $2 * interval '1 millisecond')
         order by expires_at limit $3 for update skip locked
       ) returning id`,
      [graceMs, claimMs, limit],
    );
    return rows.map(row => row.id);
  }

  async markPaid(id: string, paidAt: Date): Promise<boolean> {
    return this.move(id, 'pay', 'paid_at = $4', [paidAt]);
  }

  async markCancelled(id: string, reason: CancelReason, at: Date): Promise<boolean> {
    return this.move(id, 'cancel', 'cancelled_at = $4, cancel_reason = $5', [at, reason]);
  }

  async markReceived(id: string, at: Date): Promise<boolean> {
    return this.move(id, 'receive', 'received_at = $4', [at]);
  }

  /** False when the order was not in a state that allows the move: somebody else was first. */
  private async move(
    id: string,
    move: OrderMove,
    assignments: string,
    values: readonly unknown[],
  ): Promise<boolean> {
    const { from, to } = orderMoves[move];
    const changed = await this.transactor.execute(
      `update orders set status = $2, ${assignments} where id = $1 and status = any($3)`,
      [id, to, from, ...values],
    );
    return changed === 1;
  }
}
