import { describe, expect, it } from 'vitest';
import { settlesWithin } from './settles-within.js';

describe('waiting for somebody with a limit', () => {
  it('ends at the limit, whatever comes later', async () => {
    expect(await settlesWithin(new Promise(() => undefined), 1)).toBe(false);
  });

  it('knows work that has failed as ended', async () => {
    expect(await settlesWithin(Promise.reject(new Error('x')), 1_000)).toBe(true);
  });

  it('takes an answer that has arrived while this process was too busy to look', async () => {
    // From here the event loop comes by its timers first, and by what has arrived after them.
    await new Promise(resolve => setImmediate(resolve));
    const answer = new Promise(resolve => setImmediate(resolve));
    const waiting = settlesWithin(answer, 1);
    const busyUntil = performance.now() + 20;
    while (performance.now() < busyUntil);
    expect(await waiting).toBe(true);
  });
});
