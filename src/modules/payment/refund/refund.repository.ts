import { Injectable } from '@nestjs/common';
import { newId } from '../../../kernel/id.js';
import { Transactor } from '../../../platform/database/transactor.js';
import type { RefundIntent, RefundState, RefundStatus } from '../payment.contract.js';
import type { CheckGaps } from '../payment.repository.js';
import { refundMoves } from './refund.machine.js';

export interface Refund extends RefundState {
  /** Of the whole payment. */
  readonly totalFen: number;
  readonly request: string;
}

export interface NewRefund extends RefundIntent {
  readonly request: string;
  readonly firstCheckMs: number;
}

/** What WeChat has said about a refund. */
export interface RefundNews {
  readonly refundNo: string;
  readonly status: Exclude<RefundStatus, 'requested'>;
  readonly wechatRefundId: string;
  readonly settledAt: Date | null;
}

export interface OpenRefunds {
  readonly status: RefundStatus;
  readonly count: number;
  readonly ageSeconds: number;
}

const selectRefunds = `
  select r.refund_no as "refundNo", r.reference, r.amount_fen as "amountFen", r.reason, r.status, r.request,
    p.amount_fen as "totalFen"
  from refunds r join payments p on p.reference = r.reference`;

/** All SQL of refunds. Whoever requests one holds the lock on its payment. */
@Injectable()
export class RefundRepository {
  constructor(private readonly transactor: Transactor) {}

  async insert(refund: NewRefund): Promise<void> {
    const { refundNo, reference, amountFen, reason, request, firstCheckMs } = refund;
    await this.transactor.execute(
      'update payments set refunded_fen = refunded_fen + $2 where reference = $1',
      [reference, amountFen],
    );
    await this.transactor.execute(
      `insert into refunds (id, refund_no, reference, amount_fen, reason, request, next_check_at)
       values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 millisecond')`,
      [newId(), refundNo, reference, amountFen, reason, request, firstCheckMs],
    );
  }

  async find(refundNo: string): Promise<Refund | null> {
    const rows = await this.transactor.query<Refund>(`${selectRefunds} where r.refund_no = $1`, [refundNo]);
    return rows[0] ?? null;
  }

  async listFor(reference: string): Promise<readonly Refund[]> {
    return this.transactor.query<Refund>(`${selectRefunds} where r.reference = $1 order by r.id`, [
      reference,
    ]);
  }

  /**
   * False when this is not news: somebody has recorded it, or more than it, before. What is closed can go back otherwise.
   */
  async record({ refundNo, status, wechatRefundId, settledAt }: RefundNews): Promise<boolean> {
    if (status === 'closed') await this.lockPaymentOf(refundNo);
    const changed = await this.transactor.execute(
      `update refunds set status = $2, wechat_refund_id = $3, settled_at = $4
       where refund_no = $1 and status = any($5)`,
      [refundNo, status, wechatRefundId, settledAt, refundMoves[status]],
    );
    if (changed === 1 && status === 'closed') await this.freeAmountOf(refundNo);
    return changed === 1;
  }

  /** Since when WeChat has refused it for good. */
  async markRefused(refundNo: string): Promise<void> {
    await this.transactor.execute(
      `update refunds set refused_at = now() where refund_no = $1 and status = 'requested' and refused_at is null`,
      [refundNo],
    );
  }

  /** Refused for another reason, or not at all: what was final has not been so all along. */
  async clearRefusal(refundNo: string): Promise<void> {
    await this.transactor.execute(
      'update refunds set refused_at = null where refund_no = $1 and refused_at is not null',
      [refundNo],
    );
  }

  /** False while it has been refused for less than `afterMs`, and when WeChat has taken it. */
  async giveUp(refundNo: string, afterMs: number): Promise<boolean> {
    await this.lockPaymentOf(refundNo);
    const changed = await this.transactor.execute(
      `update refunds set status = 'closed', settled_at = now()
       where refund_no = $1 and status = 'requested' and refused_at <= now() - $2 * interval '1 millisecond'`,
      [refundNo, afterMs],
    );
    if (changed === 1) await this.freeAmountOf(refundNo);
    return changed === 1;
  }

  /** One row for every status that is not the end, also when nothing has it. */
  async countOpen(): Promise<readonly OpenRefunds[]> {
    return this.transactor.query<OpenRefunds>(
      `select open.status, count(r.id)::int as count,
         coalesce(extract(epoch from now() - min(r.created_at)), 0)::float8 as "ageSeconds"
       from unnest(array['requested', 'processing', 'abnormal']) as open (status)
         left join refunds r on r.status = open.status and r.status in ('requested', 'processing', 'abnormal')
       group by open.status`,
    );
  }

  /** As `PaymentRepository.claimDue`, for refunds that have not come to a good end. */
  async claimDue({ firstMs, longestMs, limit }: CheckGaps): Promise<readonly string[]> {
    const rows = await this.transactor.query<{ refundNo: string }>(
      `update refunds set checks = checks + 1,
         next_check_at = now() + least($2, $1 * 4 ^ least(checks + 1, 20)) * interval '1 millisecond'
       where id in (
         select id from refunds
         where status in ('requested', 'processing', 'abnormal') and next_check_at <= now()
         order by next_check_at limit $3 for update skip locked
       ) returning refund_no as "refundNo"`,
      [firstMs, longestMs, limit],
    );
    return rows.map(({ refundNo }) => refundNo);
  }

  /** As `PaymentRepository.makeDue`. */
  async makeDue(refundNos: readonly string[]): Promise<void> {
    await this.transactor.execute(
      `update refunds set next_check_at = now(), checks = 0
       where refund_no = any($1) and status in ('requested', 'processing', 'abnormal')`,
      [refundNos],
    );
  }

  /** As whoever requests one does: payment before refund. */
  private async lockPaymentOf(refundNo: string): Promise<void> {
    await this.transactor.query(
      `select 1 from payments where reference = (select reference from refunds where refund_no = $1) for update`,
      [refundNo],
    );
  }

  private async freeAmountOf(refundNo: string): Promise<void> {
    await this.transactor.execute(
      `update payments p set refunded_fen = p.refunded_fen - r.amount_fen
       from refunds r where r.refund_no = $1 and p.reference = r.reference`,
      [refundNo],
    );
  }
}
