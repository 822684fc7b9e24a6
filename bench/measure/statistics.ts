/** @throws Error when there is nothing to take the middle of */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error('no values');
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}

/**
 * The smallest value that is not below `share` of them.
 *
 * @throws Error when there are none
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.ceil(sorted.length * share) - 1];
  if (value === undefined) throw new Error('no values');
  return value;
}

/** How far rounds disagree: the distance of the extremes as a share of the median. */
export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

/** Ratios round by round: what slows a whole round down slows both of its sides. */
export function pairedRatios(of: readonly number[], against: readonly number[]): number[] {
  if (of.length !== against.length) throw new Error('sides have different numbers of rounds');
  return of.map((value, round) => value / against[round]!);
}

/** The sides of each round; every second round runs backwards, so that neither side always comes after the other. */
export function alternating<Side>(sides: readonly Side[], round: number): readonly Side[] {
  return round % 2 === 0 ? sides : [...sides].reverse();
}
