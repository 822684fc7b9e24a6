import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { SharedUsage, type Usage } from '../../../src/platform/rate-limit/shared-usage.ts';
import { RedisConfig } from '../../../src/platform/redis/redis.config.ts';
import { RedisConnection } from '../../../src/platform/redis/redis-connection.ts';
import { until } from '../../support/until.ts';

const hour = 3_600_000;
/** What comes back while a test runs. */
const moment = 60_000;

describe('what processes tell each other of who asks for much', () => {
  let connections: RedisConnection[];
  let keyPrefix: string;
  let first: SharedUsage;
  let second: SharedUsage;
  beforeEach(async () => {
    connections = [];
    keyPrefix = `t${randomUUID()}`;
    [first, second] = [await connect(), await connect()];
  });
  afterEach(() => {
    for (const connection of connections) connection.onApplicationShutdown();
  });

  async function connect(): Promise<SharedUsage> {
    const config = new RedisConfig({
      url: inject('stackEnv')['REDIS_URL']!,
      keyPrefix,
      connectTimeout: 5_000,
      commandTimeout: 5_000,
      retryDelayMax: 100,
    });
    const redis = new RedisConnection(config);
    connections.push(redis);
    await until('Redis is connected', () => redis.isReady);
    return new SharedUsage(redis, config);
  }

  const usage = (name: string, addedMs: number, windowMs = 4 * hour): Usage => ({ name, addedMs, windowMs });

  it('adds up, for everybody apart', async () => {
    expect(await first.add([usage('a', hour), usage('b', 0.4 * hour)])).toEqual([hour, 0.4 * hour]);
    const [a = 0, c] = await second.add([usage('a', hour), usage('c', 1.5)]);
    expect([a > 2 * hour - moment, a <= 2 * hour, c]).toEqual([true, true, 2]);
  });

  it('keeps nobody out for longer than a full allowance takes to come back', async () => {
    await first.add([usage('a', hour, hour)]);
    expect(await second.add([usage('a', hour, hour)])).toEqual([hour]);
  });

  it('tells whoever has nothing to add', async () => {
    await first.add([usage('a', hour)]);
    const [used = 0] = await second.add([usage('a', 0)]);
    expect(used).toBeGreaterThan(hour - moment);
    expect(await second.add([usage('nobody', 0)])).toEqual([0]);
  });

  it('leaves nothing behind', async () => {
    await first.add([usage('a', 40), usage('nobody', 0)]);
    const left = () => connections[0]!.client.keys(`${keyPrefix}:*`);
    await until('it is gone', async () => (await left()).length === 0);
  });
});
