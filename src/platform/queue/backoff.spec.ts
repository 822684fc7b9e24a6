import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.js';

describe('the pause before a job is tried again', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [5, 16_000],
    [9, 256_000],
    [10, 300_000],
    [60, 300_000],
  ])('doubles with every failure and stays within five minutes (%i failures)', (failures, longest) => {
    expect(backoffMs(failures, 1_000, () => 1)).toBe(longest);
    expect(backoffMs(failures, 1_000, () => 0)).toBe(longest / 2);
  });

  it('is not the same for jobs that failed together', () => {
    const pauses = new Set(Array.from({ length: 20 }, () => backoffMs(5, 1_000)));
    expect(pauses.size).toBeGreaterThan(10);
  });
});
