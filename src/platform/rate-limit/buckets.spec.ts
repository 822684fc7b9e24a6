import { describe, expect, it } from 'vitest';
import { Buckets, type Bucket } from './buckets.js';

const bucket = (): Bucket => ({ freshAtMs: 0, untoldMs: 0 });

describe('an allowance', () => {
  it.each([
    [1, 1_000],
    [3, 1_000],
    [7, 60_000],
    [600, 60_000],
    [3_000, 10_000],
  ])('of %i in %i ms admits so many at once, and not one more', (units, windowMs) => {
    const [buckets, one] = [new Buckets({ units, windowMs }, 10), bucket()];
    const nowMs = 1_234_567.891;
    const waits = Array.from({ length: units + 1 }, () => buckets.take(one, nowMs));
    expect(waits.slice(0, units).every(waitMs => waitMs === 0)).toBe(true);
    expect(waits[units]).toBeCloseTo(windowMs / units, 1);
  });

  it('comes back evenly, and does not pile up', () => {
    const [buckets, one] = [new Buckets({ units: 10, windowMs: 1_000 }, 10), bucket()];
    const admittedAt = (nowMs: number): number => {
      let admitted = 0;
      while (buckets.take(one, nowMs) === 0) admitted++;
      return admitted;
    };
    expect([0, 100, 150, 200, 700, 100_000].map(admittedAt)).toEqual([10, 1, 0, 1, 5, 10]);
  });

  it('is given back in just the time it says', () => {
    const [buckets, one] = [new Buckets({ units: 2, windowMs: 1_000 }, 10), bucket()];
    for (let i = 0; i < 2; i++) buckets.take(one, 0);
    const waitMs = buckets.take(one, 100);
    expect(waitMs).toBe(400);
    expect(buckets.take(one, 100 + waitMs - 1)).toBeGreaterThan(0);
    expect(buckets.take(one, 100 + waitMs)).toBe(0);
  });

  it('is not used up further by those who are refused', () => {
    const [buckets, one] = [new Buckets({ units: 1, windowMs: 1_000 }, 10), bucket()];
    for (let nowMs = 0; nowMs < 1_000; nowMs += 10) buckets.take(one, nowMs);
    expect(buckets.take(one, 1_000)).toBe(0);
  });
});

describe('what is remembered of subjects', () => {
  it('is bounded, and forgets those who have been silent for longest', () => {
    const buckets = new Buckets({ units: 1, windowMs: 1_000 }, 100);
    const busy = buckets.of('busy');
    for (let index = 0; index < 10_000; index++) {
      buckets.of(`address ${index}`);
      if (index % 10 === 0) expect(buckets.of('busy')).toBe(busy);
      expect(buckets.subjects).toBeLessThanOrEqual(100);
    }
    expect(buckets.of('address 9990')).toBe(buckets.of('address 9990'));
  });

  it('is the same at every look', () => {
    const buckets = new Buckets({ units: 1, windowMs: 1_000 }, 100);
    expect(buckets.of('a')).toBe(buckets.of('a'));
    expect(buckets.of('a')).not.toBe(buckets.of('b'));
  });
});
