import { describe, expect, it } from 'vitest';
import type { RedisConfig } from '../../redis/redis.config.js';
import type { RedisConnection } from '../../redis/redis-connection.js';
import { RedisAccessTokenStore } from './access-token-store.js';
import { testConfig } from '../wechat.fixture.js';

function storeOver(client: Record<string, (...args: unknown[]) => Promise<unknown>>): RedisAccessTokenStore {
  const redis = { client } as unknown as RedisConnection;
  return new RedisAccessTokenStore(redis, { keyPrefix: 'minnow' } as RedisConfig, testConfig());
}

const token = { value: 'secret-token', refreshAtMs: Date.now() + 1_000, expiresAtMs: Date.now() + 2_000 };

describe('RedisAccessTokenStore', () => {
  it('never lets an outage of Redis reach the caller', async () => {
    const fail = () => Promise.reject(new Error("Stream isn't writeable"));
    const store = storeOver({ get: fail, set: fail, eval: fail });
    expect(await store.read()).toBeNull();
    expect(await store.tryLock('me', 1_000)).toBe(true);
    await store.write(token);
    await store.unlock('me');
  });

  it.each(['', 'no json', '{}', '{"value":""}', '[]'])('does not believe %j', async text => {
    expect(await storeOver({ get: async () => text }).read()).toBeNull();
  });

  it('keeps shops apart by app id and lets the token end by itself', async () => {
    const calls: unknown[][] = [];
    const set = async (...args: unknown[]) => calls.push(args);
    const store = storeOver({ set });
    await store.write(token);
    await store.tryLock('me', 1_500);
    const key = 'minnow:wechat:wx0123456789abcdef:access-token';
    expect(calls[0]!.slice(0, 3)).toEqual([key, JSON.stringify(token), 'PX']);
    expect(calls[0]![3]).toBeLessThanOrEqual(2_000);
    expect(calls[1]).toEqual([`${key}:lock`, 'me', 'PX', 1_500, 'NX']);
  });
});
