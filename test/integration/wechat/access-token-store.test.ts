import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { SystemClock } from '../../../src/kernel/clock.ts';
import { RedisConfig } from '../../../src/platform/redis/redis.config.ts';
import { RedisConnection } from '../../../src/platform/redis/redis-connection.ts';
import type {
  AccessTokenSource,
  FetchedToken,
} from '../../../src/platform/wechat/mini-program/access-token-source.ts';
import {
  RedisAccessTokenStore,
  type AccessToken,
} from '../../../src/platform/wechat/mini-program/access-token-store.ts';
import { AccessTokens } from '../../../src/platform/wechat/mini-program/access-token.ts';
import type { WechatConfig } from '../../../src/platform/wechat/wechat.config.ts';
import { Deadline } from '../../../src/platform/wechat/wechat-http.ts';
import { until } from '../../support/until.ts';

const lockMs = 60_000;
const patient = new Deadline(lockMs);
const lifeSeconds = 7_200;

/** Tells when a process has found the lock taken. */
class WatchedStore extends RedisAccessTokenStore {
  refusals = 0;

  override async tryLock(owner: string, ttlMs: number): Promise<boolean> {
    const locked = await super.tryLock(owner, ttlMs);
    if (!locked) this.refusals++;
    return locked;
  }
}

/** What both processes ask of WeChat: it answers when it is told to. */
class HeldSource {
  fetches = 0;
  answer: Promise<unknown> = Promise.resolve();

  async fetch(): Promise<FetchedToken> {
    const value = `token-${++this.fetches}`;
    await this.answer;
    return { value, expiresInSeconds: lifeSeconds };
  }
}

interface Process {
  readonly store: WatchedStore;
  readonly tokens: AccessTokens;
}

describe('the access token of two processes on one Redis', () => {
  let connections: RedisConnection[];
  let source: HeldSource;
  let first: Process;
  let second: Process;

  beforeEach(async () => {
    connections = [];
    source = new HeldSource();
    const keyPrefix = `t${randomUUID()}`;
    first = await startProcess(keyPrefix);
    second = await startProcess(keyPrefix);
  });
  afterEach(() => {
    for (const connection of connections) connection.onApplicationShutdown();
  });

  async function startProcess(keyPrefix: string): Promise<Process> {
    const redisConfig = new RedisConfig({
      url: inject('stackEnv')['REDIS_URL']!,
      keyPrefix,
      connectTimeout: 5_000,
      commandTimeout: 5_000,
      retryDelayMax: 100,
    });
    const redis = new RedisConnection(redisConfig);
    connections.push(redis);
    await until('Redis is connected', () => redis.isReady);
    const config = { appId: 'wx0123456789abcdef', requestTimeout: lockMs } as WechatConfig;
    const store = new WatchedStore(redis, redisConfig, config);
    const wechat = source as unknown as AccessTokenSource;
    return { store, tokens: new AccessTokens(config, store, wechat, new SystemClock()) };
  }

  /** Lets WeChat answer only after one of the two has found the lock taken by the other. */
  async function whileOneWaits<T>(work: () => readonly Promise<T>[]): Promise<readonly T[]> {
    let answer!: () => void;
    source.answer = new Promise<void>(resolve => (answer = resolve));
    const working = Promise.all(work());
    await until('one process waits for the other', () => first.store.refusals + second.store.refusals > 0);
    answer();
    return working;
  }

  const token = (value: string): AccessToken => {
    const expiresAtMs = Date.now() + lifeSeconds * 1_000;
    return { value, refreshAtMs: expiresAtMs, expiresAtMs };
  };

  it('is fetched once when both want it at the same time', async () => {
    const values = await whileOneWaits(() => [first.tokens.get(patient), second.tokens.get(patient)]);
    expect([values, source.fetches]).toEqual([['token-1', 'token-1'], 1]);
  });

  it('is replaced once when WeChat refuses it to both', async () => {
    await first.store.write(token('refused'));
    for (const { tokens } of [first, second]) expect(await tokens.get(patient)).toBe('refused');
    const values = await whileOneWaits(() =>
      [first, second].map(({ tokens }) => tokens.renewAfter('refused', patient)),
    );
    expect([values, source.fetches]).toEqual([['token-1', 'token-1'], 1]);
  });

  it('can be fetched by the next process as soon as the lock is given back', async () => {
    expect(await first.store.tryLock('one', lockMs)).toBe(true);
    expect(await second.store.tryLock('two', lockMs)).toBe(false);
    await first.store.unlock('one');
    expect(await second.store.tryLock('two', lockMs)).toBe(true);
  });

  it('is not fetched twice because a process gives back a lock that is another one’s by now', async () => {
    expect(await first.store.tryLock('slow', 1)).toBe(true);
    await until('the lock of the slow one is over', () => second.store.tryLock('next', lockMs));
    await first.store.unlock('slow');
    expect(await first.store.tryLock('third', lockMs)).toBe(false);
  });

  it('outlives the process that fetched it, and ends with its own time', async () => {
    await first.store.write(token('shared'));
    expect((await second.store.read())?.value).toBe('shared');
    await first.store.write({ ...token('short'), expiresAtMs: Date.now() + 1 });
    await until('it is gone', async () => (await second.store.read()) === null);
  });
});
