import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AccessTokenSource, FetchedToken } from './access-token-source.js';
import { AccessTokenStore, type AccessToken } from './access-token-store.js';
import { AccessTokens } from './access-token.js';
import { WechatUnavailable } from './wechat-error.js';
import { TestClock, testConfig } from './wechat.fixture.js';

class MemoryStore extends AccessTokenStore {
  token: AccessToken | null = null;
  lockedBy: string | null = null;

  async read(): Promise<AccessToken | null> {
    return this.token;
  }

  async write(token: AccessToken): Promise<void> {
    this.token = token;
  }

  async tryLock(owner: string): Promise<boolean> {
    this.lockedBy ??= owner;
    return this.lockedBy === owner;
  }

  async unlock(owner: string): Promise<void> {
    if (this.lockedBy === owner) this.lockedBy = null;
  }
}

/** What the Redis store is while Redis is away. */
class AwayStore extends MemoryStore {
  override async read(): Promise<null> {
    return null;
  }

  override async tryLock(): Promise<boolean> {
    return true;
  }
}

class CountingSource {
  fetches = 0;
  next: () => Promise<FetchedToken> = async () => ({
    value: `token-${this.fetches}`,
    expiresInSeconds: 7_200,
  });

  fetch(): Promise<FetchedToken> {
    this.fetches++;
    return this.next();
  }
}

const clock = new TestClock();
const startMs = clock.nowMs;
let store: MemoryStore;
let source: CountingSource;

beforeEach(() => {
  clock.nowMs = startMs;
  store = new MemoryStore();
  source = new CountingSource();
});

function tokens(requestTimeout = 1_000): AccessTokens {
  return new AccessTokens(
    testConfig({ requestTimeout }),
    store,
    source as unknown as AccessTokenSource,
    clock,
  );
}

const seconds = (count: number) => count * 1_000;
const token = (value: string, lifeSeconds = 7_200): AccessToken => ({
  value,
  refreshAtMs: clock.nowMs + seconds(lifeSeconds - 300),
  expiresAtMs: clock.nowMs + seconds(lifeSeconds),
});

describe('AccessTokens', () => {
  it('fetches once for 50 callers at the same time', async () => {
    const shared = tokens();
    const values = await Promise.all(Array.from({ length: 50 }, () => shared.get()));
    expect([new Set(values).size, source.fetches]).toEqual([1, 1]);
  });

  it('fetches once for 10 processes at the same time', async () => {
    const processes = Array.from({ length: 10 }, () => tokens());
    const values = await Promise.all(processes.map(process => process.get()));
    expect([new Set(values).size, source.fetches]).toEqual([1, 1]);
  });

  it('asks nobody while the token is fresh', async () => {
    const own = tokens();
    await own.get();
    const read = vi.spyOn(store, 'read');
    clock.nowMs += seconds(6_000);
    await own.get();
    expect([read.mock.calls.length, source.fetches]).toEqual([0, 1]);
  });

  it('serves the old token while a new one is on its way', async () => {
    const own = tokens();
    await own.get();
    let arrive!: (fetched: FetchedToken) => void;
    source.next = () => new Promise(resolve => (arrive = resolve));
    clock.nowMs += seconds(7_000);
    expect(await own.get()).toBe('token-1');
    await expect.poll(() => source.fetches).toBe(2);
    expect(await own.get()).toBe('token-1');
    arrive({ value: 'new', expiresInSeconds: 7_200 });
    await expect.poll(() => own.get()).toBe('new');
    expect(source.fetches).toBe(2);
  });

  it('serves the old token through an outage, and does not hammer WeChat meanwhile', async () => {
    const own = tokens();
    await own.get();
    source.next = () => Promise.reject(new WechatUnavailable('down'));
    clock.nowMs += seconds(7_000);
    expect(await own.get()).toBe('token-1');
    await expect.poll(() => source.fetches).toBe(2);
    await expect.poll(() => store.lockedBy).toBeNull();
    for (let call = 0; call < 20; call++) expect(await own.get()).toBe('token-1');
    expect(source.fetches).toBe(2);
  });

  it('never serves a token past its end', async () => {
    const own = tokens();
    await own.get();
    source.next = () => Promise.reject(new WechatUnavailable('down'));
    clock.nowMs += seconds(7_200);
    await expect(own.get()).rejects.toThrow('down');
  });

  it('asks again only within the last five minutes, when WeChat has a new one to give', async () => {
    const own = tokens();
    await own.get();
    const refreshInMs = store.token!.refreshAtMs - clock.nowMs;
    expect(refreshInMs).toBeGreaterThanOrEqual(seconds(6_900));
    expect(refreshInMs).toBeLessThan(seconds(6_960));
  });

  it('does not ask on every call when WeChat gives a token near its end', async () => {
    source.next = async () => ({ value: 'short', expiresInSeconds: 200 });
    const own = tokens();
    await own.get();
    clock.nowMs += seconds(90);
    for (let call = 0; call < 20; call++) await own.get();
    expect(source.fetches).toBe(1);
  });

  it('takes the token another process left while it waited for the lock', async () => {
    store.lockedBy = 'another process';
    const pending = tokens().get();
    store.token = token('theirs');
    expect(await pending).toBe('theirs');
    expect(source.fetches).toBe(0);
  });

  it('does not wait for ever behind a process that died with the lock', async () => {
    store.lockedBy = 'a dead process';
    await expect(tokens(120).get()).rejects.toBeInstanceOf(WechatUnavailable);
    store.lockedBy = null;
    expect(await tokens().get()).toBe('token-1');
  });

  it('gives the lock back when the fetch fails', async () => {
    source.next = () => Promise.reject(new WechatUnavailable('down'));
    await expect(tokens().get()).rejects.toThrow('down');
    expect(store.lockedBy).toBeNull();
  });

  it('replaces a refused token once for 50 callers', async () => {
    const own = tokens();
    const refused = await own.get();
    const renewed = await Promise.all(Array.from({ length: 50 }, () => own.renewAfter(refused)));
    expect([new Set(renewed), source.fetches]).toEqual([new Set(['token-2']), 2]);
  });

  it('takes the token another process has put in place of the refused one', async () => {
    const own = tokens();
    const refused = await own.get();
    store.token = token('theirs');
    expect(await own.renewAfter(refused)).toBe('theirs');
    expect(source.fetches).toBe(1);
  });

  it('does not throw away a good token because of a late refusal of an old one', async () => {
    const own = tokens();
    const refused = await own.get();
    const renewed = await own.renewAfter(refused);
    expect(await own.renewAfter(refused)).toBe(renewed);
    expect([source.fetches, store.token!.value]).toEqual([2, renewed]);
  });

  it('goes on alone while Redis is away, still fetching once for 50 callers', async () => {
    store = new AwayStore();
    const own = tokens();
    const first = await Promise.all(Array.from({ length: 50 }, () => own.get()));
    expect([new Set(first), await own.get()]).toEqual([new Set(['token-1']), 'token-1']);
    const second = await Promise.all(Array.from({ length: 50 }, () => own.renewAfter('token-1')));
    expect([new Set(second), source.fetches]).toEqual([new Set(['token-2']), 2]);
  });
});
