import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AccessTokenSource, FetchedToken } from './access-token-source.js';
import { AccessTokenStore, type AccessToken } from './access-token-store.js';
import { AccessTokens } from './access-token.js';
import { WechatMisconfigured, WechatUnavailable } from '../wechat-error.js';
import { Deadline } from '../wechat-http.js';
import { TestClock, testConfig } from '../wechat.fixture.js';

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

/** Longer than a test may take: what ends in time does so for another reason. */
const foreverMs = 60_000;
const patient = new Deadline(foreverMs);
const clock = new TestClock();
const startMs = clock.nowMs;
let store: MemoryStore;
let source: CountingSource;

beforeEach(() => {
  clock.nowMs = startMs;
  store = new MemoryStore();
  source = new CountingSource();
});

afterEach(() => vi.restoreAllMocks());

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
    const values = await Promise.all(Array.from({ length: 50 }, () => shared.get(patient)));
    expect([new Set(values).size, source.fetches]).toEqual([1, 1]);
  });

  it('fetches once for 10 processes at the same time', async () => {
    const processes = Array.from({ length: 10 }, () => tokens());
    const values = await Promise.all(processes.map(process => process.get(patient)));
    expect([new Set(values).size, source.fetches]).toEqual([1, 1]);
  });

  it('asks nobody while the token is fresh', async () => {
    const own = tokens();
    await own.get(patient);
    const read = vi.spyOn(store, 'read');
    clock.nowMs += seconds(6_000);
    await own.get(patient);
    expect([read.mock.calls.length, source.fetches]).toEqual([0, 1]);
  });

  it('serves the old token while a new one is on its way', async () => {
    const own = tokens();
    await own.get(patient);
    let arrive!: (fetched: FetchedToken) => void;
    source.next = () => new Promise(resolve => (arrive = resolve));
    clock.nowMs += seconds(7_000);
    expect(await own.get(patient)).toBe('token-1');
    await expect.poll(() => source.fetches).toBe(2);
    expect(await own.get(patient)).toBe('token-1');
    arrive({ value: 'new', expiresInSeconds: 7_200 });
    await expect.poll(() => own.get(patient)).toBe('new');
    expect(source.fetches).toBe(2);
  });

  it('serves the old token through an outage, and does not hammer WeChat meanwhile', async () => {
    const own = tokens();
    await own.get(patient);
    source.next = () => Promise.reject(new WechatUnavailable('down'));
    clock.nowMs += seconds(7_000);
    expect(await own.get(patient)).toBe('token-1');
    await expect.poll(() => source.fetches).toBe(2);
    await expect.poll(() => store.lockedBy).toBeNull();
    for (let call = 0; call < 20; call++) expect(await own.get(patient)).toBe('token-1');
    expect(source.fetches).toBe(2);
  });

  it.each([
    ['wrong settings', new WechatMisconfigured('access_token', 40125, 'invalid appsecret'), 'error'],
    ['an outage', new WechatUnavailable('down'), 'warn'],
  ] as const)('says once why it serves the old token, after %s', async (_, failure, level) => {
    const spies = (['warn', 'error'] as const).map(name => [name, vi.spyOn(Logger.prototype, name)] as const);
    const logged = () => spies.flatMap(([name, spy]) => spy.mock.calls.map(() => name));
    const own = tokens();
    await own.get(patient);
    source.next = () => Promise.reject(failure);
    clock.nowMs += seconds(7_000);
    await own.get(patient);
    await expect.poll(logged).toEqual([level]);
  });

  it('never serves a token past its end', async () => {
    const own = tokens();
    await own.get(patient);
    source.next = () => Promise.reject(new WechatUnavailable('down'));
    clock.nowMs += seconds(7_200);
    await expect(own.get(patient)).rejects.toThrow('down');
  });

  it('asks again only within the last five minutes, when WeChat has a new one to give', async () => {
    const own = tokens();
    await own.get(patient);
    const refreshInMs = store.token!.refreshAtMs - clock.nowMs;
    expect(refreshInMs).toBeGreaterThanOrEqual(seconds(6_900));
    expect(refreshInMs).toBeLessThan(seconds(6_960));
  });

  it('does not ask on every call when WeChat gives a token near its end', async () => {
    source.next = async () => ({ value: 'short', expiresInSeconds: 200 });
    const own = tokens();
    await own.get(patient);
    clock.nowMs += seconds(90);
    for (let call = 0; call < 20; call++) await own.get(patient);
    expect(source.fetches).toBe(1);
  });

  it('takes the token another process left while it waited for the lock', async () => {
    store.lockedBy = 'another process';
    const pending = tokens().get(patient);
    store.token = token('theirs');
    expect(await pending).toBe('theirs');
    expect(source.fetches).toBe(0);
  });

  it('does not wait for ever behind a process that died with the lock', async () => {
    store.lockedBy = 'a dead process';
    await expect(tokens(120).get(patient)).rejects.toBeInstanceOf(WechatUnavailable);
    store.lockedBy = null;
    expect(await tokens().get(patient)).toBe('token-1');
  });

  it('lets a caller go when its own time is over, and fetches on for the others', async () => {
    let arrive!: (fetched: FetchedToken) => void;
    source.next = () => new Promise(resolve => (arrive = resolve));
    const own = tokens(foreverMs);
    const others = own.get(patient);
    await expect(own.get(new Deadline(10))).rejects.toThrow('no time is left to wait for the access token');
    await expect.poll(() => source.fetches).toBe(1);
    arrive({ value: 'late', expiresInSeconds: 7_200 });
    expect(await others).toBe('late');
  });

  it('lets a caller go that waits for the successor of a refused token', async () => {
    const own = tokens(foreverMs);
    const refused = await own.get(patient);
    source.next = () => new Promise(() => undefined);
    await expect(own.renewAfter(refused, new Deadline(10))).rejects.toBeInstanceOf(WechatUnavailable);
  });

  it('gives the lock back when the fetch fails', async () => {
    source.next = () => Promise.reject(new WechatUnavailable('down'));
    await expect(tokens().get(patient)).rejects.toThrow('down');
    expect(store.lockedBy).toBeNull();
  });

  it('replaces a refused token once for 50 callers', async () => {
    const own = tokens();
    const refused = await own.get(patient);
    const renewed = await Promise.all(Array.from({ length: 50 }, () => own.renewAfter(refused, patient)));
    expect([new Set(renewed), source.fetches]).toEqual([new Set(['token-2']), 2]);
  });

  it('takes the token another process has put in place of the refused one', async () => {
    const own = tokens();
    const refused = await own.get(patient);
    store.token = token('theirs');
    expect(await own.renewAfter(refused, patient)).toBe('theirs');
    expect(source.fetches).toBe(1);
  });

  it('does not throw away a good token because of a late refusal of an old one', async () => {
    const own = tokens();
    const refused = await own.get(patient);
    const renewed = await own.renewAfter(refused, patient);
    expect(await own.renewAfter(refused, patient)).toBe(renewed);
    expect([source.fetches, store.token!.value]).toEqual([2, renewed]);
  });

  it('goes on alone while Redis is away, still fetching once for 50 callers', async () => {
    store = new AwayStore();
    const own = tokens();
    const first = await Promise.all(Array.from({ length: 50 }, () => own.get(patient)));
    expect([new Set(first), await own.get(patient)]).toEqual([new Set(['token-1']), 'token-1']);
    const second = await Promise.all(Array.from({ length: 50 }, () => own.renewAfter('token-1', patient)));
    expect([new Set(second), source.fetches]).toEqual([new Set(['token-2']), 2]);
  });
});
