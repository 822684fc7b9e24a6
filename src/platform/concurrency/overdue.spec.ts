import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Overdue } from './overdue.js';

describe('what takes too long', () => {
  let told: [string, number][];
  let overdue: Overdue<string>;
  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
    overdue = new Overdue({
      afterMs: 100,
      lookEveryMs: 10,
      tell: (item, ms) => told.push([item, Math.round(ms)]),
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is told of once, soon, and nothing else is', () => {
    overdue.watch('slow');
    vi.advanceTimersByTime(50);
    const quick = overdue.watch('quick');
    overdue.watch('later');
    overdue.forget(quick);
    vi.advanceTimersByTime(60);
    expect(told).toEqual([['slow', 100]]);
    vi.advanceTimersByTime(500);
    expect(told).toEqual([
      ['slow', 100],
      ['later', 100],
    ]);
  });

  it('counts anew for what comes again', () => {
    const first = overdue.watch('again');
    vi.advanceTimersByTime(90);
    overdue.forget(first);
    overdue.watch('again');
    vi.advanceTimersByTime(90);
    expect(told).toEqual([]);
  });

  it('keeps no timer when there is nothing to look after', () => {
    overdue.forget(overdue.watch('quick'));
    vi.advanceTimersByTime(20);
    expect(vi.getTimerCount()).toBe(0);
    overdue.watch('slow');
    vi.advanceTimersByTime(120);
    expect([told.length, vi.getTimerCount()]).toEqual([1, 0]);
  });
});
