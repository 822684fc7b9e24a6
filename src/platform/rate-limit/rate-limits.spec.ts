import { Logger } from '@nestjs/common';
import { register } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RateLimits } from './rate-limits.js';
import type { SharedUsage, Usage } from './shared-usage.js';

Logger.overrideLogger(false);
const hour = 3_600_000;

/** A Redis that answers as it is told, when it is told. */
class HeldUsage {
  readonly calls: (readonly Usage[])[] = [];
  answer: (usages: readonly Usage[]) => Promise<readonly number[]> = async usages => usages.map(() => 0);

  add(usages: readonly Usage[]): Promise<readonly number[]> {
    this.calls.push(usages);
    return this.answer(usages);
  }
}

describe('rate limits', () => {
  let redis: HeldUsage;
  let limits: RateLimits;
  beforeEach(() => {
    vi.useFakeTimers();
    redis = new HeldUsage();
    const many = { units: 100, windowMs: hour };
    const config = { address: many, login: many, caller: many, order: { units: 20, windowMs: hour } };
    const bounds = { subjects: 1_000, shareInterval: 200, shareBatch: 5, exempt: [] };
    limits = new RateLimits({ ...config, ...bounds }, redis as unknown as SharedUsage);
  });
  afterEach(() => {
    limits.onApplicationShutdown();
    vi.useRealTimers();
    register.clear();
  });

  /** How many of `tries` are admitted, decided before anything that waits could have happened. */
  function admitted(tries: number, subject = 'a', limit: 'order' | 'caller' = 'order'): number {
    return Array.from({ length: tries }, () => limits.take(limit, subject)).filter(it => it === null).length;
  }

  const shared = () => vi.advanceTimersByTimeAsync(200);

  it('hold while Redis hangs, without a request that waits for it', async () => {
    redis.answer = () => new Promise(() => undefined);
    expect(admitted(15)).toBe(15);
    await shared();
    expect(admitted(15)).toBe(5);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(admitted(15)).toBe(0);
    expect(redis.calls).toHaveLength(1);
  });

  it('hold while Redis is away, and are shared again when it is back', async () => {
    redis.answer = () => Promise.reject(new Error('away'));
    expect(admitted(30)).toBe(20);
    await shared();
    expect(admitted(30)).toBe(0);
    expect((await register.getSingleMetric('rate_limit_share_failures_total')!.get()).values[0]?.value).toBe(
      1,
    );
    redis.answer = async () => [hour];
    expect(admitted(10, 'b')).toBe(10);
    await shared();
    expect(admitted(10, 'b')).toBe(0);
  });

  it('hold when Redis has forgotten everything', async () => {
    expect(admitted(20)).toBe(20);
    await shared();
    expect(admitted(20)).toBe(0);
  });

  it('count what was admitted while Redis was being asked on top of its answer', async () => {
    let answer!: (used: readonly number[]) => void;
    redis.answer = () => new Promise(resolve => (answer = resolve));
    expect(admitted(5)).toBe(5);
    await shared();
    expect(admitted(5)).toBe(5);
    answer([hour / 2]);
    await vi.advanceTimersByTimeAsync(0);
    expect(admitted(20)).toBe(5);
  });

  it('cost Redis nothing for those who ask for little', async () => {
    for (let index = 0; index < 50; index++) admitted(9, `shopper ${index}`, 'caller');
    await shared();
    expect(redis.calls).toEqual([]);
  });

  it('tell of so many in one call, and of the others later', async () => {
    const everybody = Array.from({ length: 12 }, (_, index) => `shopper ${index}`);
    for (let round = 0; round < 3; round++) {
      for (const subject of everybody) admitted(4, subject);
      await shared();
    }
    expect(redis.calls.map(usages => usages.length)).toEqual([5, 5, 5]);
  });

  it('do not tell of what was used long ago as if it were now', async () => {
    for (let tenths = 0; tenths < 30; tenths++) {
      admitted(1);
      await vi.advanceTimersByTimeAsync(hour / 10);
    }
    expect(redis.calls).toEqual([]);
    admitted(4);
    await shared();
    expect(redis.calls[0]![0]!.addedMs).toBeCloseTo((4 * hour) / 20 - 200, 0);
  });

  it('tell whoever is refused which limit it was and when to come again', () => {
    admitted(20);
    const refusal = limits.take('order', 'a')!;
    expect(refusal).toMatchObject({
      kind: 'throttled',
      code: 'request.throttled',
      details: { limit: 'order' },
      retryAfterSeconds: 180,
    });
    expect(limits.take('order', 'b')).toBeNull();
    expect(limits.take('caller', 'a')).toBeNull();
  });

  it('count whom they refuse and whom they remember', async () => {
    admitted(23);
    admitted(1, 'b');
    const valueOf = async (name: string): Promise<number | undefined> =>
      (await register.getSingleMetric(name)!.get()).values.find(({ labels }) => labels['limit'] === 'order')
        ?.value;
    expect(await valueOf('rate_limit_refused_requests_total')).toBe(3);
    expect(await valueOf('rate_limit_subjects')).toBe(2);
  });
});
