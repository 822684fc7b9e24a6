import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startApp, type TestApp } from '../../support/app.ts';
import { createDatabase } from '../../support/databases.ts';
import { stockGoods, stockOf } from '../../support/goods.ts';
import type { Answer } from '../../support/http.ts';
import { Shopper } from '../../support/shopper.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

const poolMax = 6;
const buyers = 50;

let own: { url: string; drop(): Promise<void> };
let proxy: TcpProxy;
let shop: TestApp;
beforeAll(async () => {
  own = await createDatabase(inject('stackEnv')['DATABASE_URL']!);
  proxy = await startTcpProxy(new URL(own.url), { connectMs: 150 });
  const viaProxy = new URL(own.url);
  viaProxy.port = `${proxy.port}`;
  shop = await startApp({
    DATABASE_URL: viaProxy.href,
    DATABASE_POOL_MAX: `${poolMax}`,
    QUEUE_CONSUME: 'false',
  });
});
afterAll(async () => {
  await shop.stop();
  await proxy.close();
  await own.drop();
});

it('answers a burst that finds no connection open with orders or a fast no, and each key gets one order', async () => {
  const shopper = await Shopper.login(shop);
  const { skuId } = await stockGoods(shop.database, { onHand: buyers });
  const body = { items: [{ skuId, quantity: 1 }], addressId: await shopper.addAddress() };
  await shop.database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name like 'minnow%' and datname = current_database()`,
  );
  const order = (buyer: number): Promise<Answer> => shopper.post('/orders', body, { key: `burst-${buyer}` });
  const first = await Promise.all(Array.from({ length: buyers }, (_, buyer) => order(buyer)));
  for (const { status, headers } of first)
    if (status !== 201)
      expect([status, headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
  const { rows } = await shop.database.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where application_name = 'minnow' and datname = current_database()`,
  );
  expect(rows[0]!.count).toBeLessThanOrEqual(poolMax);
  for (let buyer = 0; buyer < buyers; buyer++) {
    const again = await order(buyer);
    expect(again.status).toBe(201);
    if (first[buyer]!.status === 201) expect(again.text).toBe(first[buyer]!.text);
  }
  expect(await stockOf(shop.database, skuId)).toEqual({ onHand: buyers, reserved: buyers });
});
