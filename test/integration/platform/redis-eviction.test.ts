import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Embedded } from '../../../tools/embedded/child.ts';
import { startReaper } from '../../../tools/embedded/reaper.ts';
import { startRedis } from '../../../tools/embedded/redis.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { call } from '../../support/http.ts';
import { until } from '../../support/until.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'minnow-eviction-'));
const reaper = startReaper();
let redis: Embedded;
let operator: Redis;
let shop: TestApp;
const warn = vi.spyOn(Logger.prototype, 'warn');
beforeAll(async () => {
  reaper.discard(dataDir);
  redis = await startRedis({ dataDir, durable: false, watch: reaper });
  operator = new Redis(redis.url);
  await operator.config('SET', 'maxmemory-policy', 'allkeys-lru');
  shop = await startApp({ REDIS_URL: redis.url });
});
afterAll(async () => {
  await shop?.stop();
  operator?.disconnect();
  await redis?.destroy();
  reaper.close();
});

async function queueState(): Promise<unknown> {
  const { body } = await call<{ details: { queue: unknown } }>('GET', `${shop.url}/readyz`);
  return body.details.queue;
}

it('says that Redis may evict jobs, goes on selling, and is content when it is put right', async () => {
  const told = await until('the log tells', () =>
    warn.mock.calls.find(([, text]) => String(text).includes('maxmemory-policy is not noeviction')),
  );
  expect(told[0]).toEqual({ policy: 'allkeys-lru' });
  expect(await queueState()).toEqual({
    status: 'degraded',
    message: 'jobs may be evicted; they come again, late',
  });
  expect((await call('GET', `${shop.url}/readyz`)).status).toBe(200);
  await operator.config('SET', 'maxmemory-policy', 'noeviction');
  await operator.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await until('it is content', async () => ((await queueState()) as { status: string }).status === 'up');
});
