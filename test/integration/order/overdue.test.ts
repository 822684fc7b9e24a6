import { afterAll, beforeAll, expect, it } from 'vitest';
import { OrderRepository } from '../../../src/modules/order/order.repository.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods } from '../../support/goods.ts';
import { Shopper } from '../../support/shopper.ts';

let shop: TestApp;
beforeAll(async () => {
  shop = await startApp({ QUEUE_CONSUME: 'false' });
});
afterAll(() => shop.stop());

it('gives an overdue order to one of many sweepers, and to the next when that one came to nothing', async () => {
  const { skuId } = await stockGoods(shop.database, { onHand: 30 });
  const shopper = await Shopper.login(shop);
  const placed = await Promise.all(Array.from({ length: 12 }, () => shopper.order(skuId)));
  const waiting = await shopper.order(skuId);
  await shop.database.query(`update orders set expires_at = now() - interval '1 minute' where id <> $1`, [
    waiting.id,
  ]);
  const orders = shop.app.get(OrderRepository);
  const sweeps = await Promise.all(Array.from({ length: 5 }, () => orders.claimOverdue(10_000, 60_000, 4)));
  const overdue = placed.map(({ id }) => id).sort();
  expect(sweeps.flat().sort()).toEqual(overdue);
  expect(await orders.claimOverdue(10_000, 60_000, 100)).toEqual([]);
  expect([...(await orders.claimOverdue(10_000, 0, 100))].sort()).toEqual(overdue);
  expect(await orders.claimOverdue(120_000, 0, 100)).toEqual([]);
});
