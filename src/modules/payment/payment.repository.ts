import { Injectable } from '@nestjs/common';
import { newId } from '../../kernel/id.js';
import { Transactor } from '../../platform/database/transactor.js';
import type { Capture } from './payment.contract.js';

export interface Payment {
  readonly reference: string;
  readonly status: 'created' | 'captured' | 'closed';
  readonly amountFen: number;
  readonly payerOpenid: string;
  readonly prepayRequest: string;
  readonly prepayRequestedAt: Date | null;
  readonly prepayId: string | null;
  readonly prepayIdAt: Date | null;
  readonly transactionId: string | null;
  readonly capturedAt: Date | null;
  /** What has gone back or may still go back: every refund that WeChat has not closed. */
  readonly refundedFen: number;
}

/** How long after a check the next one is due, and how many are taken at once. */
export interface CheckGaps {
  readonly firstMs: number;
  readonly longestMs: number;
  readonly limit: number;
}

const columns = `reference, status, amount_fen as "amountFen", payer_openid as "payerOpenid",
  prepay_request as "prepayRequest", prepay_requested_at as "prepayRequestedAt", prepay_id as "prepayId",
  prepay_id_at as "prepayIdAt", transaction_id as "transactionId", captured_at as "capturedAt",
  refunded_fen as "refundedFen"`;

/** Every change of a payment is one conditional statement: whoever comes second finds nothing to change. */
@Injectable()
export class PaymentRepository {
  constructor(private readonly transactor: Transactor) {}

  async insert(
    payment: Pick<Payment, 'reference' | 'amountFen' | 'payerOpenid' | 'prepayRequest'>,
  ): Promise<void> {
    await this.transactor.execute(
      'insert into payments (id, reference, amount_fen, payer_openid, prepay_request) values ($1, $2, $3, $4, $5)',
      [newId(), payment.reference, payment.amountFen, payment.payerOpenid, payment.prepayRequest],
    );
  }

  async find(reference: string): Promise<Payment | null> {
    const rows = await this.transactor.query<Payment>(
      `select ${columns} from payments where reference = $1`,
      [reference],
    );
    return rows[0] ?? null;
  }

  /** As `find`, and nobody else can change it until the transaction ends. */
  async lock(reference: string): Promise<Payment | null> {
    const rows = await this.transactor.query<Payment>(
      `select ${columns} from payments where reference = $1 for update`,
      [reference],
    );
    return rows[0] ?? null;
  }

  /** Before WeChat is asked: from now on closing has to go through WeChat. False once captured or closed. */
  async markRequested(reference: string, firstCheckMs: number): Promise<boolean> {
    return this.changed(
      `update payments set prepay_requested_at = coalesce(prepay_requested_at, now()), checks = 0,
         next_check_at = now() + $2 * interval '1 millisecond'
       where reference = $1 and status = 'created'`,
      [reference, firstCheckMs],
    );
  }

  /** False when the payment was captured or closed while WeChat was being asked. */
  async keepPrepayId(reference: string, prepayId: string): Promise<boolean> {
    return this.changed(
      `update payments set prepay_id = $2, prepay_id_at = now() where reference = $1 and status = 'created'`,
      [reference, prepayId],
    );
  }

  /** Claims the right to ask WeChat; false if somebody asked within `intervalMs` or there is nothing to ask. */
  async claimCheck(reference: string, intervalMs: number): Promise<boolean> {
    return this.changed(
      `update payments set checked_at = now()
       where reference = $1 and status = 'created' and prepay_requested_at is not null
         and (checked_at is null or checked_at < now() - $2 * interval '1 millisecond')`,
      [reference, intervalMs],
    );
  }

  /**
   * Takes started payments that WeChat has to be asked about, and sets the time of their next check: every gap is four
   * times the last, up to `longestMs`. Pollers side by side never take the same one.
   */
  async claimDue({ firstMs, longestMs, limit }: CheckGaps): Promise<readonly string[]> {
    const rows = await this.transactor.query<{ reference: string }>(
      `update payments set checked_at = now(), checks = checks + 1,
         next_check_at = now() + least($2, $1 * 4 ^ least(checks + 1, 20)) * interval '1 millisecond'
       where id in (
         select id from payments where status = 'created' and next_check_at <= now()
         order by next_check_at limit $3 for update skip locked
       ) returning reference`,
      [firstMs, longestMs, limit],
    );
    return rows.map(({ reference }) => reference);
  }

  /** Brings the next check of those that have not ended forward to now, and makes the gaps after it small again. */
  async makeDue(references: readonly string[]): Promise<void> {
    await this.transactor.execute(
      `update payments set next_check_at = now(), checks = 0 where reference = any($1) and status = 'created'`,
      [references],
    );
  }

  /** Money wins over everything: also a closed payment becomes captured. False when it was captured before. */
  async capture(reference: string, { transactionId, paidAt }: Capture): Promise<boolean> {
    return this.changed(
      `update payments set status = 'captured', transaction_id = $2, captured_at = $3
       where reference = $1 and status <> 'captured'`,
      [reference, transactionId, paidAt],
    );
  }

  /** Closes a payment that WeChat has never heard of. */
  async closeUnrequested(reference: string): Promise<boolean> {
    return this.changed(
      `update payments set status = 'closed', closed_at = now()
       where reference = $1 and status = 'created' and prepay_requested_at is null`,
      [reference],
    );
  }

  /** Once WeChat has said that the trade is closed: nothing can open it again. */
  async close(reference: string): Promise<boolean> {
    return this.changed(
      `update payments set status = 'closed', closed_at = now() where reference = $1 and status = 'created'`,
      [reference],
    );
  }

  /**
   * After asking WeChat to close, which may have known no such trade only because a prepay was still on its way there.
   * False when that one has kept its id since `prepayId` was read: then the trade is open, and has to be closed again.
   */
  async closeAsOf(reference: string, prepayId: string | null): Promise<boolean> {
    return this.changed(
      `update payments set status = 'closed', closed_at = now()
       where reference = $1 and status = 'created' and prepay_id is not distinct from $2`,
      [reference, prepayId],
    );
  }

  private async changed(sql: string, parameters: readonly unknown[]): Promise<boolean> {
    return (await this.transactor.execute(sql, parameters)) === 1;
  }
}
