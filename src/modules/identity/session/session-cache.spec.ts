import { register } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { authConfig } from '../identity.fixture.js';
import { SessionCache } from './session-cache.js';

let cache: SessionCache;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  cache = new SessionCache(authConfig({ AUTH_SESSION_CACHE_SIZE: '100', AUTH_SESSION_CACHE_TTL: '5s' }));
});
afterEach(() => {
  vi.useRealTimers();
  register.clear();
});

async function entries(): Promise<number | undefined> {
  const metric = await register.getSingleMetric('auth_session_cache_entries')?.get();
  return metric?.values[0]?.value;
}

describe('session cache', () => {
  it('forgets after its time, so that a logout elsewhere is noticed', () => {
    cache.remember('s', true);
    expect(cache.find('s')).toBe(true);
    vi.advanceTimersByTime(5_001);
    expect(cache.find('s')).toBeUndefined();
  });

  it('does not let a read that began before the revocation undo it', () => {
    cache.remember('s', false);
    cache.remember('s', true);
    expect(cache.find('s')).toBe(false);
  });

  it('never grows beyond its size', async () => {
    for (let i = 0; i < 150; i++) cache.remember(`s${i}`, true);
    expect(await entries()).toBe(100);
    expect(cache.find('s49')).toBeUndefined();
    expect(cache.find('s50')).toBe(true);
  });

  it('does not count what it has forgotten', async () => {
    cache.remember('old', true);
    vi.advanceTimersByTime(3_000);
    cache.remember('young', true);
    expect(await entries()).toBe(2);
    vi.advanceTimersByTime(3_000);
    expect(await entries()).toBe(1);
    expect(cache.find('young')).toBe(true);
  });
});
