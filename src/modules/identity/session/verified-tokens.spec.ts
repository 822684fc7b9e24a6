import { register } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { authConfig } from '../identity.fixture.js';
import { VerifiedTokens } from './verified-tokens.js';

const caller = { userId: 'u', sessionId: 's' };
let tokens: VerifiedTokens;
beforeEach(() => {
  tokens = new VerifiedTokens(authConfig({ AUTH_TOKEN_CACHE_SIZE: '100' }));
});
afterEach(() => {
  vi.useRealTimers();
  register.clear();
});

const entries = async (): Promise<number | undefined> =>
  (await register.getSingleMetric('auth_token_cache_entries')?.get())?.values[0]?.value;
const later = (): number => Date.now() + 60_000;

describe('verified tokens', () => {
  it('are known until they expire, to the millisecond', () => {
    vi.useFakeTimers({ now: 1_000 });
    tokens.set('t', caller, 2_000);
    vi.setSystemTime(1_999);
    expect(tokens.get('t')).toBe(caller);
    vi.setSystemTime(2_000);
    expect(tokens.get('t')).toBeUndefined();
  });

  it('never become more than there is room for', async () => {
    for (let n = 0; n < 1_000; n++) tokens.set(`t${n}`, caller, later());
    expect(await entries()).toBeLessThanOrEqual(100);
    expect(tokens.get('t999')).toBe(caller);
    expect(tokens.get('t0')).toBeUndefined();
  });

  it('keep the one that is in use while others pass by', async () => {
    tokens.set('mine', caller, later());
    for (let n = 0; n < 1_000; n++) {
      tokens.set(`t${n}`, { ...caller, userId: `u${n}` }, later());
      expect(tokens.get('mine')).toBe(caller);
    }
    expect(await entries()).toBeLessThanOrEqual(100);
  });
});
