import { Injectable } from '@nestjs/common';
import { pageOf, type Page } from '../../../kernel/page.js';
import { Transactor } from '../../../platform/database/transactor.js';
import { orderMoves, type OrderState, type RefundRequestStatus } from '../order.machine.js';
import type { PlannedItem, RefundHistory } from './refund-plan.js';

export interface NewRefundRequest {
  readonly id: string;
  readonly orderId: string;
  readonly reason: string;
  readonly amountFen: number;
  readonly isWhole: boolean;
  readonly items: readonly PlannedItem[];
}

export interface RefundRequest extends NewRefundRequest {
  readonly orderNumber: string;
  readonly status: RefundRequestStatus;
  readonly refundNo: string | null;
  readonly refusal: string | null;
  readonly createdAt: Date;
  readonly decidedAt: Date | null;
  readonly settledAt: Date | null;
  /** Its money was paid back otherwise than by WeChat. */
  readonly isByHand: boolean;
}

/** An order that is being refunded. */
export interface RefundingOrder extends RefundHistory {
  readonly from: OrderState;
}

export interface RefundRequestFilter {
  readonly orderId?: string;
  readonly status?: RefundRequestStatus;
  readonly limit: number;
  readonly beforeId: string | null;
}

const selectRequests = `
  select r.id, r.order_id as "orderId", o.number as "orderNumber", r.status, r.reason, r.amount_fen as "amountFen",
    r.is_whole as "isWhole", r.refund_no as "refundNo", r.refusal, r.created_at as "createdAt",
    r.decided_at as "decidedAt", r.settled_at as "settledAt", r.is_by_hand as "isByHand",
    (select json_agg(json_build_object('skuId', i.sku_id, 'quantity', i.quantity, 'amountFen', i.amount_fen)
       order by i.sku_id) from refund_request_items i where i.request_id = r.id) as items
  from refund_requests r join orders o on o.id = r.order_id`;

/** All SQL of refund requests, and of what they do to their order. Whoever changes one holds the lock on its order. */
@Injectable()
export class RefundRequestRepository {
  constructor(private readonly transactor: Transactor) {}

  async insert({ id, orderId, reason, amountFen, isWhole, items }: NewRefundRequest): Promise<void> {
    await this.transactor.execute(
      'insert into refund_requests (id, order_id, reason, amount_fen, is_whole) values ($1, $2, $3, $4, $5)',
      [id, orderId, reason, amountFen, isWhole],
    );
    await this.transactor.execute(
      `insert into refund_request_items (request_id, sku_id, quantity, amount_fen)
       select $1, i."skuId", i.quantity, i."amountFen"
       from jsonb_to_recordset($2) as i("skuId" uuid, quantity int, "amountFen" int)`,
      [id, JSON.stringify(items)],
    );
  }

  async find(id: string): Promise<RefundRequest | null> {
    const rows = await this.transactor.query<RefundRequest>(`${selectRequests} where r.id = $1`, [id]);
    return rows[0] ?? null;
  }

  /** As `find`, and nobody else can change it or its order until the transaction ends. */
  async lock(id: string): Promise<RefundRequest | null> {
    // Of its own: of what a statement waited for, it sees only the locked row as it is now.
    await this.transactor.query(
      `select 1 from orders o where o.id = (select order_id from refund_requests where id = $1) for update`,
      [id],
    );
    return this.find(id);
  }

  async findByRefundNo(refundNo: string): Promise<RefundRequest | null> {
    const rows = await this.transactor.query<RefundRequest>(`${selectRequests} where r.refund_no = $1`, [
      refundNo,
    ]);
    return rows[0] ?? null;
  }

  /** Newest first; ids sort by time. */
  async list({ orderId, status, limit, beforeId }: RefundRequestFilter): Promise<Page<RefundRequest>> {
    const rows = await this.transactor.query<RefundRequest>(
      `${selectRequests}
       where ($1::uuid is null or r.order_id = $1) and ($2::text is null or r.status = $2)
         and ($3::uuid is null or r.id < $3)
       order by r.id desc limit $4`,
      [orderId ?? null, status ?? null, beforeId, limit + 1],
    );
    return pageOf(rows, limit, request => [request.id]);
  }

  async countRefused(orderId: string): Promise<number> {
    const [row] = await this.transactor.query<{ count: number }>(
      `select count(*)::int as count from refund_requests where order_id = $1 and status = 'refused'`,
      [orderId],
    );
    return row!.count;
  }

  /** The units of a request have gone back. */
  async countUnits(id: string): Promise<void> {
    await this.transactor.execute(
      `update order_items line set refunded_quantity = line.refunded_quantity + i.quantity
       from refund_requests r join refund_request_items i on i.request_id = r.id
       where r.id = $1 and line.order_id = r.order_id and line.sku_id = i.sku_id`,
      [id],
    );
  }

  async markApproved(id: string, refundNo: string, at: Date): Promise<boolean> {
    return this.changed(
      `update refund_requests set status = 'approved', refund_no = $2, decided_at = $3, settled_at = null
       where id = $1 and status in ('requested', 'failed')`,
      [id, refundNo, at],
    );
  }

  async markRefused(id: string, refusal: string, at: Date): Promise<boolean> {
    return this.changed(
      `update refund_requests set status = 'refused', refusal = $2, decided_at = $3
       where id = $1 and status = 'requested'`,
      [id, refusal, at],
    );
  }

  /** Paid back otherwise, whether or not WeChat was ever asked. */
  async markSettledByHand(id: string, at: Date): Promise<boolean> {
    return this.changed(
      `update refund_requests set status = 'succeeded', is_by_hand = true, settled_at = $2,
         decided_at = coalesce(decided_at, $2)
       where id = $1 and status in ('requested', 'failed')`,
      [id, at],
    );
  }

  async markSettled(id: string, status: 'succeeded' | 'failed', at: Date): Promise<boolean> {
    return this.changed(
      `update refund_requests set status = $2, settled_at = $3 where id = $1 and status = 'approved'`,
      [id, status, at],
    );
  }

  /** The order waits for its refund, and remembers where it was. False when it is in no state for that. */
  async startOrderRefund(orderId: string): Promise<boolean> {
    const { from, to } = orderMoves.start_refund;
    return this.changed(
      'update orders set refunding_from = status, status = $2 where id = $1 and status = any($3)',
      [orderId, to, from],
    );
  }

  async finishOrderRefund(orderId: string, at: Date): Promise<boolean> {
    const { from, to } = orderMoves.finish_refund;
    return this.changed(
      `update orders set status = $2, refunding_from = null, refunded_at = $4
       where id = $1 and status = any($3)`,
      [orderId, to, from, at],
    );
  }

  /** Back to where it was before the refund. */
  async resumeOrder(orderId: string): Promise<boolean> {
    return this.changed(
      `update orders set status = refunding_from, refunding_from = null
       where id = $1 and status = 'refunding'`,
      [orderId],
    );
  }

  async refundingOrder(orderId: string): Promise<RefundingOrder> {
    const [row] = await this.transactor.query<RefundingOrder>(
      `select refunding_from as "from", refund_count as "refundCount", paid_at as "paidAt"
       from orders where id = $1`,
      [orderId],
    );
    return row!;
  }

  async countRefund(orderId: string): Promise<void> {
    await this.transactor.execute('update orders set refund_count = refund_count + 1 where id = $1', [
      orderId,
    ]);
  }

  private async changed(sql: string, parameters: readonly unknown[]): Promise<boolean> {
    return (await this.transactor.execute(sql, parameters)) === 1;
  }
}
