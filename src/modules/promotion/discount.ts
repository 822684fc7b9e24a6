import { sumFen, type Fen } from '../../kernel/money.js';

/** What a coupon takes off: `amountFen`, or `percentOff` of what it covers up to `capFen`. No ids: it covers all goods. */
export interface DiscountTerms {
  /** What the goods it covers must be worth. */
  readonly minimumFen: Fen;
  readonly amountFen: Fen | null;
  readonly percentOff: number | null;
  readonly capFen: Fen | null;
  readonly categoryIds: readonly string[] | null;
  readonly productIds: readonly string[] | null;
}

export interface DiscountableLine {
  readonly productId: string;
  readonly categoryId: string;
  readonly priceFen: Fen;
  readonly quantity: number;
}

/** Why terms take nothing off. */
export type NoDiscount = 'out_of_scope' | 'below_minimum' | 'worth_nothing';

/**
 * What each line costs less, in whole fen: none more than it costs, nothing on lines that the terms do not cover. All
 * lines together still cost at least 1 fen, because WeChat Pay takes no payment of nothing.
 */
export function discountLines(
  terms: DiscountTerms,
  lines: readonly DiscountableLine[],
): readonly Fen[] | NoDiscount {
  const totals = lines.map(({ priceFen, quantity }) => priceFen * quantity);
  const covered = lines.map((line, index) => (covers(terms, line) ? totals[index]! : 0));
  const coveredFen = sumFen(covered);
  if (coveredFen === 0) return 'out_of_scope';
  if (coveredFen < terms.minimumFen) return 'below_minimum';
  const discountFen = Math.min(takenOff(terms, coveredFen), coveredFen, sumFen(totals) - 1);
  return discountFen === 0 ? 'worth_nothing' : allocate(discountFen, covered);
}

/**
 * Splits an amount by weight into whole fen that add up to it (largest remainder; the earlier line where remainders are
 * equal). No part exceeds its weight as long as the amount does not exceed their sum.
 */
export function allocate(amountFen: Fen, weights: readonly Fen[]): readonly Fen[] {
  const sum = BigInt(sumFen(weights));
  // Two amounts multiplied are beyond what a number holds exactly.
  const products = weights.map(weight => BigInt(amountFen) * BigInt(weight));
  const parts = products.map(product => Number(product / sum));
  const remainders = products.map((product, index) => ({ index, remainder: product % sum }));
  remainders.sort((a, b) => Number(b.remainder - a.remainder));
  const left = amountFen - sumFen(parts);
  for (const { index } of remainders.slice(0, left)) parts[index]! += 1;
  return parts;
}

function covers({ categoryIds, productIds }: DiscountTerms, line: DiscountableLine): boolean {
  if (categoryIds) return categoryIds.includes(line.categoryId);
  return productIds === null || productIds.includes(line.productId);
}

/** A percentage is rounded down to the fen. */
function takenOff({ amountFen, percentOff, capFen }: DiscountTerms, coveredFen: Fen): Fen {
  if (percentOff === null) return amountFen ?? 0;
  const share = Number((BigInt(coveredFen) * BigInt(percentOff)) / 100n);
  return Math.min(share, capFen ?? share);
}
