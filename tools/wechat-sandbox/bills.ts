import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { paymentLine, refundLine, writeBill } from './bill-csv.ts';
import type { BillLine } from './bill-csv.ts';
import { chinaTime, DAY_MS, HOUR_MS, MINUTE_MS } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import { PayError } from './pay-error.ts';
import type { Refunds } from './refunds.ts';
import type { Trades } from './trades.ts';

const URL_TTL_MS = 5 * MINUTE_MS;
const KEPT_MS = 92 * DAY_MS;

export type BillType = 'ALL' | 'SUCCESS' | 'REFUND';

export interface BillRequest {
  /** A day in China, `2026-11-22`. */
  readonly date: string;
  readonly type: BillType;
  readonly zipped: boolean;
}

/** The file that waits under a token, and the hash of what is in it. */
export interface BillOffer {
  readonly token: string;
  readonly sha1: string;
}

interface BillFile {
  readonly content: Buffer;
  readonly expiresAtMs: number;
}

interface BillParts {
  readonly trades: Trades;
  readonly refunds: Refunds;
  readonly faults: Faults;
  readonly now: Clock;
}

/** What has moved on a day, to be had from 10:00 of the next; a fault plan may have it sooner. */
export class Bills {
  readonly #parts: BillParts;
  readonly #files = new Map<string, BillFile>();

  constructor(parts: BillParts) {
    this.#parts = parts;
  }

  /** @throws PayError for a day that is not over, too long ago or empty, and while the bill is being made */
  offer({ date, type, zipped }: BillRequest): BillOffer {
    this.#assertReady(Date.parse(`${date}T00:00:00+08:00`));
    const lines = this.#linesOf(date, type);
    if (lines.length === 0) throw new PayError('NO_STATEMENT_EXIST', '账单文件不存在');
    const content = writeBill(lines);
    const token = randomBytes(48).toString('base64url');
    const expiresAtMs = this.#parts.now() + URL_TTL_MS;
    this.#forgetExpired();
    this.#files.set(token, { content: zipped ? gzipSync(content) : content, expiresAtMs });
    return { token, sha1: createHash('sha1').update(content).digest('hex') };
  }

  /** @throws PayError for a token that is unknown or five minutes old */
  file(token: string): Buffer {
    const file = this.#files.get(token);
    if (!file || file.expiresAtMs <= this.#parts.now())
      throw new PayError('INVALID_REQUEST', '下载链接已失效');
    return file.content;
  }

  #forgetExpired(): void {
    for (const [token, { expiresAtMs }] of this.#files)
      if (expiresAtMs <= this.#parts.now()) this.#files.delete(token);
  }

  #assertReady(dayMs: number): void {
    const { now, faults } = this.#parts;
    const ageMs = now() - dayMs;
    if (ageMs > KEPT_MS || ageMs < 0) throw new PayError('INVALID_REQUEST', '账单日期不合法');
    if (faults.billsAtOnce) return;
    if (ageMs < DAY_MS) throw new PayError('INVALID_REQUEST', '账单日期不合法');
    if (ageMs < DAY_MS + 10 * HOUR_MS) throw new PayError('STATEMENT_CREATING', '账单生成中，请稍后再试');
  }

  #linesOf(date: string, type: BillType): readonly BillLine[] {
    const payments = type === 'REFUND' ? [] : this.#payments();
    const refunds = type === 'SUCCESS' ? [] : this.#refunds();
    return [...payments, ...refunds].filter(({ atMs }) => chinaTime(atMs).startsWith(date));
  }

  #payments(): readonly BillLine[] {
    return this.#parts.trades
      .all()
      .flatMap(trade => (trade.paidAtMs === undefined ? [] : [paymentLine(trade, trade.paidAtMs)]));
  }

  #refunds(): readonly BillLine[] {
    const { trades, refunds } = this.#parts;
    return refunds.all().flatMap(refund => {
      const trade = trades.find(refund.outTradeNo);
      return trade ? [refundLine(refund, trade)] : [];
    });
  }
}
