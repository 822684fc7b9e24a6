import type { Difference, Side, Sum, Totals } from './bill-comparison.js';

/** A comparison as it was kept: times are text. */
export interface KeptComparison {
  readonly date: string;
  readonly comparedAt: string;
  readonly here: Totals;
  readonly there: Totals;
  readonly differenceCount: number;
  readonly differences: readonly KeptDifference[];
}

export type KeptSide = Omit<Side, 'at'> & { readonly at: string | null };
export type KeptDifference = Omit<Difference, 'here' | 'there'> & {
  readonly here: KeptSide | null;
  readonly there: KeptSide | null;
};

/** What an operator reads. */
export function billReport(comparison: KeptComparison): string {
  const { date, comparedAt, here, there, differenceCount, differences } = comparison;
  const left = differenceCount - differences.length;
  return [
    `${date} in Beijing, compared at ${comparedAt}`,
    totalsLine('payments', here.payment, there.payment),
    totalsLine('refunds', here.refund, there.refund),
    differenceCount === 0 ? 'no differences' : `${differenceCount} differences`,
    ...differences.flatMap(differenceLines),
    ...(left > 0 ? [`and ${left} more, which are not kept`] : []),
  ].join('\n');
}

function totalsLine(what: string, here: Sum, there: Sum): string {
  return `  ${what.padEnd(8)}  here ${sumText(here)}  WeChat ${sumText(there)}`;
}

function sumText({ count, amountFen }: Sum): string {
  return `${String(count).padStart(6)} = ${String(amountFen).padStart(10)} fen`;
}

function differenceLines({ movement, kind, number, here, there }: KeptDifference): readonly string[] {
  return [
    '',
    `${movement} ${number}: ${kind.replaceAll('_', ' ')}`,
    `  here    ${sideText(here)}`,
    `  WeChat  ${sideText(there)}`,
  ];
}

function sideText(side: KeptSide | null): string {
  if (!side) return '-';
  const { amountFen, status, transactionId, at } = side;
  return `${amountFen} fen, ${status}, transaction ${transactionId ?? '-'}, ${at ?? 'no time'}`;
}
