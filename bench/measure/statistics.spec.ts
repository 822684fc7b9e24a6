import { describe, expect, it } from 'vitest';
import { alternating, median, pairedRatios, percentile, spread } from './statistics.ts';

describe('statistics of rounds', () => {
  it('lets one bad round decide nothing', () => {
    expect(median([100, 3, 101])).toBe(100);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('sorts by value, not by spelling', () => {
    expect(median([9, 10, 100])).toBe(10);
  });

  it('says so when nothing was measured', () => {
    expect(() => median([])).toThrow('no values');
    expect(() => percentile([], 0.99)).toThrow('no values');
  });

  it('takes a percentile from what was measured, not from between', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0.5, 0.99, 1].map(share => percentile(values, share))).toEqual([50, 99, 100]);
    expect(percentile([7], 0.5)).toBe(7);
  });

  it('tells rounds that disagree from rounds that do not', () => {
    expect(spread([100, 100, 100])).toBe(0);
    expect(spread([80, 100, 110])).toBeCloseTo(0.3);
  });

  it('compares a side with its neighbour of the same round, because a machine slows both down', () => {
    expect(pairedRatios([100, 50], [50, 25])).toEqual([2, 2]);
    expect(() => pairedRatios([1, 2], [1])).toThrow('different numbers of rounds');
  });

  it('lets no side always run second', () => {
    expect(alternating(['a', 'b'], 0)).toEqual(['a', 'b']);
    expect(alternating(['a', 'b'], 1)).toEqual(['b', 'a']);
  });
});
