import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Embedded } from '../../../tools/embedded/child.ts';
import { freePort } from '../../../tools/embedded/ports.ts';
import { startReaper } from '../../../tools/embedded/reaper.ts';
import { startRedis } from '../../../tools/embedded/redis.ts';
import { createSurroundings, type Surroundings } from '../../support/app.ts';
import { call, type Answer } from '../../support/http.ts';
import { stockGoods } from '../../support/goods.ts';
import { Shopper, type OrderBody } from '../../support/shopper.ts';
import { startSibling, type Sibling } from '../../support/sibling.ts';
import { until } from '../../support/until.ts';

/** No answer may take longer than this, Redis or not. */
const boundMs = 3_000;

describe('Redis fails while the shop is open', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'minnow-redis-'));
  const reaper = startReaper();
  let port: number;
  let redis: Embedded | undefined;
  let ground: Surroundings;
  let shop: Sibling;

  beforeAll(async () => {
    reaper.discard(dataDir);
    port = await freePort();
  });
  beforeEach(async () => {
    ground = await createSurroundings({
      REDIS_URL: `redis://127.0.0.1:${port}`,
    });
  });
  afterEach(async () => {
    shop.kill('SIGKILL');
    await shop.exited;
    await ground.drop();
  });
  afterAll(async () => {
    await redis?.destroy();
    reaper.close();
  });

  async function redisUp(): Promise<void> {
    redis ??= await startRedis({ dataDir, port, durable: true, watch: reaper });
  }

  async function redisDown(): Promise<void> {
    await redis?.stop();
    redis = undefined;
  }

  const login = (): Promise<Shopper> => Shopper.login({ url: shop.url, sandboxUrl: ground.sandboxUrl });
  const readiness = (): Promise<Answer> => call('GET', `${shop.url}/readyz`);
  const waitingEvents = async (): Promise<number> =>
    (
      await ground.database.query<{ count: number }>(
        'select count(*)::int as count from outbox where due_at <= now()',
      )
    ).rows[0]!.count;
  const statusOf = async (orderId: string): Promise<string> =>
    (await ground.database.query<{ status: string }>('select status from orders where id = $1', [orderId]))
      .rows[0]!.status;

  const paymentOf = async (number: string): Promise<string> =>
    (
      await ground.database.query<{ status: string }>('select status from payments where reference = $1', [
        number,
      ])
    ).rows[0]!.status;

  async function inTime<T>(work: Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const result = await work;
    expect(performance.now() - startedAt).toBeLessThan(boundMs);
    return result;
  }

  async function sell(shopper: Shopper): Promise<OrderBody> {
    const { skuId } = await stockGoods(ground.database);
    const order = await inTime(shopper.order(skuId));
    await inTime(shopper.pay(order.id, { outcome: 'paid' }));
    await until('the money is on record', async () => (await paymentOf(order.number)) === 'captured');
    return order;
  }

  it('goes on selling without it, and catches up when it returns', async () => {
    await redisUp();
    shop = await startSibling(ground);
    const first = await sell(await login());
    await until('the first order is paid', async () => (await statusOf(first.id)) === 'paid');
    await redisDown();

    const shopper = await inTime(login());
    expect((await inTime(shopper.get('/me'))).status).toBe(200);
    expect((await inTime(shopper.get('/cart'))).status).toBe(200);
    expect((await inTime(call('GET', `${shop.url}/api/v1/home`))).status).toBe(200);
    // Needs WeChat's access token, which lives in Redis: without it one is fetched, and the refusal is WeChat's.
    const phone = await inTime(shopper.post('/me/phone', { code: 'no-such-code' }));
    expect([phone.status, phone.body['code']]).toEqual([422, 'wechat.phone_code_refused']);
    const order = await sell(shopper);
    expect(await waitingEvents()).toBeGreaterThan(0);
    const ready = await readiness();
    expect(ready.status).toBe(200);
    expect(ready.body).toMatchObject({ status: 'degraded' });

    await redisUp();
    await until('the order is paid', async () => (await statusOf(order.id)) === 'paid');
    await until('the outbox is empty', async () => (await waitingEvents()) === 0);
    await until('readyz is ok', async () => (await readiness()).body['status'] === 'ok');
    expect(shop.hasExited()).toBe(false);
  });

  it('lives on while Redis refuses its password, and catches up when it is right again', async () => {
    await redisUp();
    shop = await startSibling(ground);
    await sell(await login());
    await onRedis(async admin => {
      await admin.config('SET', 'requirepass', 'rotated');
      await admin.call('CLIENT', 'KILL', 'SKIPME', 'yes', 'TYPE', 'normal');
      await admin.call('CLIENT', 'KILL', 'SKIPME', 'yes', 'TYPE', 'pubsub');
      await until('the loss is noticed', async () => (await readiness()).body['status'] === 'degraded');
      const order = await sell(await login());
      expect(shop.hasExited()).toBe(false);
      await admin.config('SET', 'requirepass', '');
      await until('the order is paid', async () => (await statusOf(order.id)) === 'paid');
    });
  });

  it('opens and sells while Redis refuses its password from the beginning', async () => {
    await redisUp();
    await onRedis(async admin => {
      await admin.config('SET', 'requirepass', 'right');
      try {
        shop = await startSibling(ground, { REDIS_URL: `redis://:wrong@127.0.0.1:${port}` });
        await sell(await login());
        expect((await readiness()).body).toMatchObject({ status: 'degraded' });
        expect(shop.output()).not.toContain('"wrong"');
      } finally {
        await admin.config('SET', 'requirepass', '');
      }
    });
  });

  /** On a connection that stays let in. */
  async function onRedis(work: (admin: Redis) => Promise<void>): Promise<void> {
    const admin = new Redis(port, '127.0.0.1');
    try {
      await work(admin);
    } finally {
      admin.disconnect();
    }
  }

  it('opens while Redis is not there yet', async () => {
    await redisDown();
    shop = await startSibling(ground);
    expect((await readiness()).body).toMatchObject({ status: 'degraded' });
    const order = await sell(await login());
    await redisUp();
    await until('the order is paid', async () => (await statusOf(order.id)) === 'paid');
    await until('readyz is ok', async () => (await readiness()).body['status'] === 'ok');
  });

  it('closes in order and in time while Redis is away', async () => {
    await redisUp();
    shop = await startSibling(ground);
    await redisDown();
    await until('the loss is noticed', async () => (await readiness()).body['status'] === 'degraded');
    shop.kill('SIGTERM');
    expect(await shop.exited).toBe(0);
  });

  it('closes in order and in time while Redis is frozen', async () => {
    await redisUp();
    shop = await startSibling(ground);
    await sell(await login());
    process.kill(redis!.pid, 'SIGSTOP');
    try {
      shop.kill('SIGTERM');
      // 1 at the hard deadline, with requests in flight cut off.
      expect(await shop.exited).toBe(0);
    } finally {
      process.kill(redis!.pid, 'SIGCONT');
    }
  });

  it('answers in time while Redis is frozen', async () => {
    await redisUp();
    shop = await startSibling(ground);
    let order: OrderBody;
    process.kill(redis!.pid, 'SIGSTOP');
    try {
      order = await sell(await inTime(login()));
      // The news of its money cannot travel.
      expect(await statusOf(order.id)).toBe('awaiting_payment');
      expect((await inTime(readiness())).status).toBe(200);
      expect((await inTime(fetch(`${shop.managementUrl}/metrics`))).status).toBe(200);
    } finally {
      process.kill(redis!.pid, 'SIGCONT');
    }
    await until('the order is paid', async () => (await statusOf(order.id)) === 'paid');
    await until('the outbox is empty', async () => (await waitingEvents()) === 0);
  });
});
