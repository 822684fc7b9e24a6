import { describe, expect, it } from 'vitest';
import { billReport, type KeptComparison } from './bill-report.js';

const sums = { payment: { count: 2, amountFen: 3_980 }, refund: { count: 0, amountFen: 0 } };
const agreeing: KeptComparison = {
  date: '2026-11-23',
  comparedAt: '2026-11-24T02:15:00Z',
  here: sums,
  there: sums,
  differenceCount: 0,
  differences: [],
};

describe('the report on a day', () => {
  it('shows what both sides add up to when they agree', () => {
    expect(billReport(agreeing).split('\n')).toEqual([
      '2026-11-23 in Beijing, compared at 2026-11-24T02:15:00Z',
      '  payments  here      2 =       3980 fen  WeChat      2 =       3980 fen',
      '  refunds   here      0 =          0 fen  WeChat      0 =          0 fen',
      'no differences',
    ]);
  });

  it('shows both sides of every difference, and says how many it does not show', () => {
    const at = '2026-11-23T02:00:00.000Z';
    const there = { amountFen: 1_990, status: 'SUCCESS', transactionId: '4200001', at };
    const lost = { movement: 'payment', kind: 'missing_here', number: 'N1', here: null, there } as const;
    const report = billReport({ ...agreeing, differenceCount: 3, differences: [lost] });
    expect(report.split('\n').slice(3)).toEqual([
      '3 differences',
      '',
      'payment N1: missing here',
      '  here    -',
      `  WeChat  1990 fen, SUCCESS, transaction 4200001, ${at}`,
      'and 2 more, which are not kept',
    ]);
  });
});
