import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CacheBusy } from './cache.errors.js';
import { cacheConfig } from './cache.fixture.js';
import { LoadGate } from './load-gate.js';

describe('the gate to PostgreSQL', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  const gate = (): LoadGate =>
    new LoadGate(
      cacheConfig({ CACHE_MAX_LOADS: '2', CACHE_MAX_WAITING_LOADS: '1', CACHE_LOAD_WAIT: '500ms' }),
    );

  it('lets a bounded number in, the next ones by turns, and refuses the rest at once', async () => {
    const door = gate();
    const ends = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
    const order: number[] = [];
    const runs = ends.map(({ promise }, index) =>
      door.run(() => {
        order.push(index);
        return promise;
      }),
    );
    expect([door.running, door.waiting, order]).toEqual([2, 1, [0, 1]]);
    await expect(door.run(() => Promise.resolve())).rejects.toThrow(CacheBusy);
    ends[1]!.resolve();
    await runs[1];
    await vi.waitFor(() => expect(order).toEqual([0, 1, 2]));
    expect([door.running, door.waiting]).toEqual([2, 0]);
    for (const { resolve } of ends) resolve();
    await Promise.all(runs);
    expect(door.running).toBe(0);
  });

  it('lets nobody wait longer than is said, and gives no place to who has left', async () => {
    const door = gate();
    const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const runs = ends.map(({ promise }) => door.run(() => promise));
    const tooLate = door.run(() => Promise.resolve()).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(501);
    expect(await tooLate).toBeInstanceOf(CacheBusy);
    expect(door.waiting).toBe(0);
    for (const { resolve } of ends) resolve();
    await Promise.all(runs);
    expect(door.running).toBe(0);
  });

  it('is not held by a read that fails', async () => {
    const door = gate();
    for (let turn = 0; turn < 5; turn++)
      await expect(door.run(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(door.running).toBe(0);
  });
});
