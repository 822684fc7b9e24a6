import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Clock } from '../../src/kernel/clock.ts';
import { ExpireOrders } from '../../src/modules/order/settlement/expire-orders.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { stockGoods, stockOf } from '../support/goods.ts';
import { Shopper, type OrderBody } from '../support/shopper.ts';
import { movementsOf, orderRow } from '../support/trades.ts';
import { until } from '../support/until.ts';

const hourMs = 3_600_000;

describe('an unpaid order in the hands of a process whose clock is wrong', () => {
  let shop: TestApp;
  let shopper: Shopper;
  beforeAll(async () => {
    shop = await startApp({ ORDER_SWEEP_GRACE: '1ms', QUEUE_SWEEP_INTERVAL: '100ms' });
    shopper = await Shopper.login(shop);
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => shop.stop());

  /** Placed while the clock was right. */
  async function place(): Promise<OrderBody> {
    const { skuId } = await stockGoods(shop.database);
    return shopper.order(skuId);
  }

  function clockIsOff(byMs: number): void {
    vi.spyOn(shop.app.get(Clock, { strict: false }), 'now').mockImplementation(
      () => new Date(Date.now() + byMs),
    );
  }

  async function timeIsUp({ id }: OrderBody): Promise<void> {
    await shop.database.query(`update orders set expires_at = now() - interval '1 second' where id = $1`, [
      id,
    ]);
  }

  async function expectCancelledOnce({ id, items }: OrderBody): Promise<void> {
    await until('it is cancelled', async () => (await orderRow(shop, id)).status === 'cancelled');
    expect(await movementsOf(shop, id)).toEqual({ reserve: 1, release: 1 });
    expect(await stockOf(shop.database, items[0]!.skuId)).toEqual({ onHand: 10, reserved: 0 });
  }

  it('is not cancelled early by one that runs ahead', async () => {
    const order = await place();
    clockIsOff(hourMs);
    // Such a process finds the order's delayed job due at once.
    await shop.app.get(ExpireOrders).expire(order.id);
    expect((await orderRow(shop, order.id)).status).toBe('awaiting_payment');
    await timeIsUp(order);
    await expectCancelledOnce(order);
  });

  it('is cancelled in time by one that runs behind', async () => {
    const order = await place();
    clockIsOff(-hourMs);
    await timeIsUp(order);
    await expectCancelledOnce(order);
  });
});
