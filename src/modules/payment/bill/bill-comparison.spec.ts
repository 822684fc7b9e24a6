import { describe, expect, it } from 'vitest';
import type { BillPayment, BillRefund, BillRow } from '../../../platform/wechat/pay/trade-bill.js';
import { between, pick, randomFrom, shuffled } from '../../../../tools/seed/random.ts';
import {
  compareBill,
  numberOf,
  type Comparison,
  type DifferenceKind,
  type OurEntry,
} from './bill-comparison.js';

const at = new Date('2026-11-23T02:00:00Z');

function paid(n: number | string, change: Partial<BillPayment> = {}): BillPayment {
  const base = { kind: 'payment', at, appId: 'wx1', transactionId: `t-${n}`, outTradeNo: `N-${n}` } as const;
  return { ...base, payerOpenid: 'o-1', amountFen: 1_990, ...change };
}

function refunded(n: number | string, change: Partial<BillRefund> = {}): BillRefund {
  const base = { kind: 'refund', at, appId: 'wx1', transactionId: `t-${n}`, outTradeNo: `N-${n}` } as const;
  return {
    ...base,
    refundId: `r-${n}`,
    outRefundNo: `N-${n}-1`,
    amountFen: 990,
    status: 'SUCCESS',
    ...change,
  };
}

/** What we have if the bill is right. */
function recordOf(row: BillRow, change: Partial<OurEntry> = {}): OurEntry {
  const { kind: movement, amountFen, transactionId } = row;
  const status = movement === 'payment' ? 'captured' : 'succeeded';
  return { movement, number: numberOf(row), amountFen, status, transactionId, at, expected: true, ...change };
}

const kinds = ({ differences }: Comparison): readonly DifferenceKind[] => differences.map(({ kind }) => kind);

describe('a bill beside our records', () => {
  it('agrees when both say the same, and both add up', () => {
    const bill = [paid(1), refunded(1), paid(2, { amountFen: 10 })];
    const totals = { payment: { count: 2, amountFen: 2_000 }, refund: { count: 1, amountFen: 990 } };
    expect(
      compareBill(
        bill,
        bill.map(row => recordOf(row)),
      ),
    ).toEqual({
      here: totals,
      there: totals,
      differences: [],
    });
  });

  it('shows money that WeChat took and we do not know', () => {
    expect(compareBill([paid(1)], [])).toMatchObject({
      here: { payment: { count: 0, amountFen: 0 } },
      there: { payment: { count: 1, amountFen: 1_990 } },
      differences: [
        {
          movement: 'payment',
          kind: 'missing_here',
          number: 'N-1',
          here: null,
          there: { amountFen: 1_990, status: 'SUCCESS', transactionId: 't-1', at },
        },
      ],
    });
  });

  it('shows money that we count on and WeChat does not have', () => {
    const [difference] = compareBill([], [recordOf(refunded(1))]).differences;
    expect(difference).toMatchObject({
      movement: 'refund',
      kind: 'missing_there',
      number: 'N-1-1',
      there: null,
    });
  });

  it.each<[DifferenceKind, BillRow, Partial<OurEntry>]>([
    ['amount_differs', paid(1), { amountFen: 1_991 }],
    ['status_differs', paid(1), { status: 'created', transactionId: null, expected: false }],
    ['status_differs', paid(1), { status: 'closed', transactionId: null, expected: false }],
    ['transaction_differs', paid(1), { transactionId: 't-2' }],
    ['amount_differs', refunded(1), { amountFen: 991 }],
    ['status_differs', refunded(1), { status: 'processing', expected: false }],
    ['status_differs', refunded(1), { status: 'closed', expected: false }],
    ['status_differs', refunded(1, { status: 'CLOSED' }), {}],
    ['status_differs', refunded(1, { status: 'CHANGE' }), {}],
    ['transaction_differs', refunded(1), { transactionId: 't-2' }],
  ])('names what is wrong: %s', (kind, row, change) => {
    expect(kinds(compareBill([row], [recordOf(row, change)]))).toEqual([kind]);
  });

  it.each<[string, string]>([
    ['PROCESSING', 'succeeded'],
    ['PROCESSING', 'processing'],
    ['PROCESSING', 'closed'],
    ['CHANGE', 'abnormal'],
    ['CLOSED', 'closed'],
  ])('lets a refund that was %s when the bill was made be %s now', (status, here) => {
    const row = refunded(1, { status });
    expect(compareBill([row], [recordOf(row, { status: here })]).differences).toEqual([]);
  });

  it('minds no payment that our clock has put on another day', () => {
    const { differences, here, there } = compareBill([paid(1)], [recordOf(paid(1), { expected: false })]);
    expect([differences, here]).toEqual([[], there]);
  });

  it('does not take one payment for two that have its number', () => {
    expect(kinds(compareBill([paid(1), paid(1)], [recordOf(paid(1))]))).toEqual(['missing_here']);
  });

  it('does not take a refund for a payment of the same number', () => {
    const bill = [refunded(1, { outRefundNo: 'N-1' })];
    expect(kinds(compareBill(bill, [recordOf(paid(1))])).toSorted()).toEqual([
      'missing_here',
      'missing_there',
    ]);
  });
});

/** A day as it was. */
function dayOf(random: () => number): readonly BillRow[] {
  return Array.from({ length: between(random, 1, 40) }, (_, n) => {
    const amountFen = between(random, 1, pick(random, [3, 100, 5_000_000]));
    return pick(random, [paid, refunded])(n, { amountFen });
  });
}

interface Told {
  readonly bill: readonly BillRow[];
  readonly ours: readonly OurEntry[];
  readonly kind?: DifferenceKind;
}

/** How each side may tell of one movement, and what has to be found. */
function tellings(row: BillRow): readonly Told[] {
  const entry = recordOf(row);
  const unrecorded = row.kind === 'payment' ? 'created' : 'processing';
  return [
    { bill: [row], ours: [entry] },
    { bill: [row], ours: [{ ...entry, expected: false }] },
    { bill: [row], ours: [], kind: 'missing_here' },
    { bill: [], ours: [entry], kind: 'missing_there' },
    { bill: [row], ours: [{ ...entry, amountFen: row.amountFen + 1 }], kind: 'amount_differs' },
    { bill: [row], ours: [{ ...entry, status: unrecorded, expected: false }], kind: 'status_differs' },
    { bill: [row], ours: [{ ...entry, transactionId: 'other' }], kind: 'transaction_differs' },
  ];
}

describe('whatever a day was like, and in whatever sequence it is told', () => {
  const seeds = Array.from({ length: 500 }, (_, seed) => seed + 1);

  it('exactly what one side tells otherwise is found', () => {
    for (const seed of seeds) {
      const random = randomFrom(seed);
      const told = dayOf(random).map(row => ({ row, ...pick(random, tellings(row)) }));
      const expected = told.flatMap(({ row, kind }) =>
        kind ? [`${row.kind} ${numberOf(row)} ${kind}`] : [],
      );
      const bill = shuffled(
        random,
        told.flatMap(it => it.bill),
      );
      const ours = shuffled(
        random,
        told.flatMap(it => it.ours),
      );
      const found = compareBill(bill, ours).differences.map(it => `${it.movement} ${it.number} ${it.kind}`);
      expect([seed, ...found.toSorted()]).toEqual([seed, ...expected.toSorted()]);
    }
  });

  it('the differences explain to the fen why the totals differ', () => {
    for (const seed of seeds) {
      const random = randomFrom(seed);
      const told = dayOf(random).map(row => pick(random, tellings(row)));
      const { here, there, differences } = compareBill(
        told.flatMap(it => it.bill),
        told.flatMap(it => it.ours),
      );
      for (const movement of ['payment', 'refund'] as const) {
        const counts = (status = ''): boolean => movement === 'refund' || status === 'captured';
        const explained = differences
          .filter(it => it.movement === movement)
          .map(it => (it.there?.amountFen ?? 0) - (counts(it.here?.status) ? (it.here?.amountFen ?? 0) : 0))
          .reduce((sum, fen) => sum + fen, 0);
        expect([seed, there[movement].amountFen - here[movement].amountFen]).toEqual([seed, explained]);
      }
    }
  });
});
