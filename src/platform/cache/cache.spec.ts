import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../kernel/app-error.js';
import { oneProcess, slot, Source, textSpec, type OneProcess } from './cache.fixture.js';
import type { Cache } from './cache.js';

class Gone extends AppError {
  readonly kind = 'absent';
  readonly code = 'test.gone';
}

const tea = slot('tea', 'product:tea');

describe('a cache in a process whose Redis is away', () => {
  let process: OneProcess;
  let cache: Cache<string>;
  let source: Source;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    process = oneProcess({ CACHE_TTL_JITTER: '0' });
    cache = process.caches.declare(textSpec);
    source = new Source();
  });
  afterEach(() => {
    process.stop();
    vi.useRealTimers();
  });

  async function read(value: string | null, place = tea): Promise<string | null> {
    const askedBefore = source.asked;
    const got = cache.get(place, source.load);
    await vi.waitFor(() => expect(source.asked).toBe(askedBefore + 1));
    source.answer(value);
    return got;
  }

  it('reads a value once, and then finds it without a wait', async () => {
    expect(await read('绿茶')).toBe('绿茶');
    expect(cache.peek(tea)).toBe('绿茶');
    expect(await cache.get(tea, source.load)).toBe('绿茶');
    expect(source.asked).toBe(1);
  });

  it('reads once for a thousand who ask at the same time', async () => {
    const all = Promise.all(Array.from({ length: 1_000 }, () => cache.get(tea, source.load)));
    await vi.waitFor(() => expect(source.asked).toBe(1));
    source.answer('绿茶');
    expect(new Set(await all)).toEqual(new Set(['绿茶']));
    expect(source.asked).toBe(1);
  });

  it('remembers for a shorter time that there is no such thing', async () => {
    expect(await read(null)).toBeNull();
    expect(cache.peek(tea)).toBeNull();
    vi.advanceTimersByTime(501);
    expect(cache.peek(tea)).toBeUndefined();
  });

  it('serves a stale value while one reads it anew, and never one older than it promises', async () => {
    await read('旧');
    vi.advanceTimersByTime(1_500);
    expect(await cache.get(tea, source.load)).toBe('旧');
    expect(cache.peek(tea)).toBe('旧');
    await vi.waitFor(() => expect(source.asked).toBe(2));
    source.answer('新');
    await vi.waitFor(() => expect(cache.peek(tea)).toBe('新'));
    vi.advanceTimersByTime(2_001);
    const waiting = cache.get(tea, source.load);
    await vi.waitFor(() => expect(source.asked).toBe(3));
    source.answer('最新');
    expect(await waiting).toBe('最新');
  });

  it('stands in with an old value while none can be read, at once for a while, and not for ever', async () => {
    await read('旧');
    vi.advanceTimersByTime(5_000);
    const first = cache.get(tea, source.load);
    await vi.waitFor(() => expect(source.asked).toBe(2));
    source.fail(new Error('PostgreSQL is away'));
    expect(await first).toBe('旧');
    expect(await cache.get(tea, source.load)).toBe('旧');
    await vi.waitFor(() => expect(source.asked).toBe(3));
    source.fail(new Error('still away'));
    // Nobody reads it any more.
    await vi.waitFor(() => expect(cache.peek(tea)).toBeUndefined());
    vi.advanceTimersByTime(11_000);
    const late = cache.get(tea, source.load);
    await vi.waitFor(() => expect(source.asked).toBe(4));
    source.fail(new Error('still away'));
    await expect(late).rejects.toThrow('still away');
  });

  it('takes a definite refusal for the answer, whatever it held before', async () => {
    await read('旧');
    vi.advanceTimersByTime(5_000);
    const got = cache.get(tea, source.load);
    await vi.waitFor(() => expect(source.asked).toBe(2));
    source.fail(new Gone('withdrawn'));
    await expect(got).rejects.toThrow(Gone);
  });

  it('drops what an invalidation names, and nothing else', async () => {
    await read('绿茶');
    await read('红茶', slot('black', 'product:black'));
    process.caches.invalidate(['product:tea']);
    expect(cache.peek(tea)).toBeUndefined();
    expect(cache.peek(slot('black', 'product:black'))).toBe('红茶');
  });

  it('keeps nothing that was read before an invalidation and came after it', async () => {
    const early = cache.get(tea, source.load);
    await vi.waitFor(() => expect(source.asked).toBe(1));
    process.caches.invalidate(['product:tea']);
    const late = cache.get(tea, source.load);
    await vi.waitFor(() => expect(source.asked).toBe(2));
    source.answer('旧');
    expect(await early).toBe('旧');
    expect(await late).toBe('旧');
    // Only the second one was asked for after the invalidation.
    process.caches.invalidate(['product:tea']);
    const third = cache.get(tea, source.load);
    await vi.waitFor(() => expect(source.asked).toBe(3));
    process.caches.onDoubt('gap');
    source.answer('旧');
    await third;
    expect(cache.peek(tea)).toBeUndefined();
  });

  it('does not stand in with what an invalidation has dropped', async () => {
    await read('旧');
    vi.advanceTimersByTime(5_000);
    process.caches.invalidate(['product:tea']);
    const got = cache.get(tea, source.load);
    await vi.waitFor(() => expect(source.asked).toBe(2));
    source.fail(new Error('PostgreSQL is away'));
    await expect(got).rejects.toThrow('away');
  });

  it('serves a value that is too large and does not keep it', async () => {
    const huge = 'x'.repeat(10 * 1_048_576);
    expect(await read(huge)).toBe(huge);
    expect(cache.peek(tea)).toBeUndefined();
    expect(cache.occupancy).toMatchObject({ entries: 0, bytes: 0 });
  });

  it('holds what was written through it', async () => {
    process.caches.put(cache, tea, '白茶');
    await vi.waitFor(() => expect(cache.peek(tea)).toBe('白茶'));
    expect(source.asked).toBe(0);
  });

  it('is one of its name, and keeps nothing for longer than an hour', () => {
    expect(() => process.caches.declare(textSpec)).toThrow('two caches');
    expect(() => process.caches.declare({ ...textSpec, name: 'b', errorMs: 4_000_000 })).toThrow('keeps');
    expect(() => process.caches.declare({ ...textSpec, name: 'No Name' })).toThrow('not a name');
  });
});

describe('a cache that is switched off', () => {
  it('reads every time', async () => {
    const off = oneProcess({ CACHE_ENABLED: 'false' });
    const cache = off.caches.declare(textSpec);
    for (const value of ['一', '二']) expect(await cache.get(tea, () => Promise.resolve(value))).toBe(value);
    expect(cache.peek(tea)).toBeUndefined();
    off.stop();
  });
});
