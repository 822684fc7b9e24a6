import type { Fen } from '../../../kernel/money.js';
import type { BillRow } from '../../../platform/wechat/pay/trade-bill.js';

type Movement = BillRow['kind'];

/** A payment or refund as we have it. */
export interface OurEntry {
  readonly movement: Movement;
  /** What both sides call it: the payment's reference, the refund's number. */
  readonly number: string;
  readonly amountFen: Fen;
  readonly status: string;
  /** WeChat's own number of the payment, also of the one that a refund is for. */
  readonly transactionId: string | null;
  /** When it happened, by WeChat's clock. */
  readonly at: Date | null;
  /** Whether the bill of this day has to list it; of other days it is here only because the bill does. */
  readonly expected: boolean;
}

/** One side of a difference. */
export type Side = Pick<OurEntry, 'amountFen' | 'status' | 'transactionId' | 'at'>;

export type DifferenceKind =
  'missing_here' | 'missing_there' | 'amount_differs' | 'status_differs' | 'transaction_differs';

export interface Difference {
  readonly movement: Movement;
  readonly kind: DifferenceKind;
  readonly number: string;
  readonly here: Side | null;
  readonly there: Side | null;
}

export interface Sum {
  readonly count: number;
  readonly amountFen: Fen;
}

/** What one side says has moved. */
export type Totals = Readonly<Record<Movement, Sum>>;

export interface Comparison {
  readonly here: Totals;
  readonly there: Totals;
  readonly differences: readonly Difference[];
}

/**
 * The bill of a day beside what we have of it. Both sides are matched by number, so what our clock put on another day
 * is no difference. What the bill lists twice needs to be here twice. Linear in the rows of both.
 */
export function compareBill(bill: readonly BillRow[], ours: readonly OurEntry[]): Comparison {
  const unmatched = new Map(ours.map(entry => [keyOf(entry.movement, entry.number), entry]));
  const differences: Difference[] = [];
  const here: OurEntry[] = ours.filter(entry => entry.expected);
  for (const row of bill) {
    const key = keyOf(row.kind, numberOf(row));
    const entry = unmatched.get(key);
    unmatched.delete(key);
    if (entry && !entry.expected) here.push(entry);
    const kind = kindOf(row, entry);
    if (kind) differences.push(difference(kind, row, entry));
  }
  const missingThere = [...unmatched.values()].filter(({ expected }) => expected);
  differences.push(...missingThere.map(absentThere));
  return { here: totalsOfOurs(here), there: totalsOfBill(bill), differences };
}

/** The number by which we know what a row is about. */
export function numberOf(row: BillRow): string {
  return row.kind === 'payment' ? row.outTradeNo : row.outRefundNo;
}

function keyOf(movement: Movement, number: string): string {
  return `${movement} ${number}`;
}

function kindOf(row: BillRow, entry: OurEntry | undefined): DifferenceKind | null {
  if (!entry) return 'missing_here';
  if (row.amountFen !== entry.amountFen) return 'amount_differs';
  if (row.kind === 'payment' ? entry.status !== 'captured' : isContradicted(row.status, entry.status))
    return 'status_differs';
  return row.transactionId === entry.transactionId ? null : 'transaction_differs';
}

/** A refund that was on its way when the bill was made may have come to any end since. */
function isContradicted(there: string, here: string): boolean {
  return there !== 'PROCESSING' && (there === 'SUCCESS') !== (here === 'succeeded');
}

function difference(kind: DifferenceKind, row: BillRow, entry: OurEntry | undefined): Difference {
  const { kind: movement, amountFen, transactionId, at } = row;
  const status = row.kind === 'payment' ? 'SUCCESS' : row.status;
  const there = { amountFen, status, transactionId, at };
  return { movement, kind, number: numberOf(row), here: entry ? sideOf(entry) : null, there };
}

function absentThere(entry: OurEntry): Difference {
  const { movement, number } = entry;
  return { movement, kind: 'missing_there', number, here: sideOf(entry), there: null };
}

function sideOf({ amountFen, status, transactionId, at }: OurEntry): Side {
  return { amountFen, status, transactionId, at };
}

/** A payment that was not captured has not moved anything, as far as we know. */
function totalsOfOurs(entries: readonly OurEntry[]): Totals {
  const moved = entries.filter(({ movement, status }) => movement === 'refund' || status === 'captured');
  return totalsOf(moved.map(({ movement, amountFen }) => ({ movement, amountFen })));
}

function totalsOfBill(bill: readonly BillRow[]): Totals {
  return totalsOf(bill.map(({ kind: movement, amountFen }) => ({ movement, amountFen })));
}

function totalsOf(moved: readonly Pick<OurEntry, 'movement' | 'amountFen'>[]): Totals {
  const sumOf = (wanted: Movement): Sum => {
    const amounts = moved.filter(({ movement }) => movement === wanted).map(({ amountFen }) => amountFen);
    return { count: amounts.length, amountFen: amounts.reduce((sum, fen) => sum + fen, 0) };
  };
  return { payment: sumOf('payment'), refund: sumOf('refund') };
}
