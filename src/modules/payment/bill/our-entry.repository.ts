import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import type { OurEntry } from './bill-comparison.js';
import { boundsOf, type BeijingDay } from '../../../kernel/beijing-time.js';

const paymentColumns = `'payment' as movement, p.reference as number, p.amount_fen as "amountFen", p.status,
  p.transaction_id as "transactionId", p.captured_at as at`;
const refundColumns = `'refund' as movement, r.refund_no as number, r.amount_fen as "amountFen", r.status,
  p.transaction_id as "transactionId", r.settled_at as at`;
/** So many numbers in one statement: a bill has up to 200,000. */
const slice = 5_000;

/** Payments and refunds as a bill would list them. */
@Injectable()
export class OurEntryRepository {
  constructor(private readonly transactor: Transactor) {}

  /**
   * What the bill of `day` has to list: payments that WeChat says were made on it, and refunds that came to their end on
   * it. A refund is listed once, by the day WeChat took it or by a later one: of those that an earlier bill has listed,
   * none is expected again.
   */
  async listExpected(day: BeijingDay): Promise<readonly OurEntry[]> {
    return this.transactor.query<OurEntry>(
      `select ${paymentColumns}, true as expected from payments p
       where p.captured_at >= $1 and p.captured_at < $2
       union all
       select ${refundColumns}, true as expected from refunds r join payments p on p.reference = r.reference
       where r.status = 'succeeded' and r.settled_at >= $1 and r.settled_at < $2
         and (r.billed_on is null or r.billed_on = $3)`,
      [...boundsOf(day), day],
    );
  }

  async findPayments(references: readonly string[]): Promise<readonly OurEntry[]> {
    return this.inSlices(
      `select ${paymentColumns}, false as expected from payments p where p.reference = any($1)`,
      references,
    );
  }

  async findRefunds(refundNos: readonly string[]): Promise<readonly OurEntry[]> {
    return this.inSlices(
      `select ${refundColumns}, false as expected from refunds r join payments p on p.reference = r.reference
       where r.refund_no = any($1)`,
      refundNos,
    );
  }

  /** The first bill that has listed a refund is kept. */
  async markBilled(day: BeijingDay, refundNos: readonly string[]): Promise<void> {
    await this.transactor.execute(
      'update refunds set billed_on = $1 where refund_no = any($2) and billed_on is null',
      [day, refundNos],
    );
  }

  private async inSlices(sql: string, numbers: readonly string[]): Promise<readonly OurEntry[]> {
    const found: OurEntry[] = [];
    for (let start = 0; start < numbers.length; start += slice)
      found.push(...(await this.transactor.query<OurEntry>(sql, [numbers.slice(start, start + slice)])));
    return found;
  }
}
