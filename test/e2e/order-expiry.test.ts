import type { Job, Queue } from 'bull';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { orderExpiryQueue } from '../../src/modules/order/settlement/order.jobs.ts';
import type { JobEnvelope } from '../../src/platform/queue/job-queues.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { stockGoods, stockOf } from '../support/goods.ts';
import { sandboxFaults, Shopper, type OrderBody } from '../support/shopper.ts';
import { movementsOf, orderRow, tradeOf } from '../support/trades.ts';
import { until } from '../support/until.ts';
import { startWechat, type Wechat } from '../support/wechat.ts';

/** Whatever is not under test is kept from helping. */
const withoutSweeper = { ORDER_SWEEP_GRACE: '10m' };
const withSweeper = { ORDER_SWEEP_GRACE: '1ms', QUEUE_SWEEP_INTERVAL: '100ms' };

describe('an order that nobody pays', () => {
  let wechat: Wechat;
  let shop: TestApp | undefined;
  beforeAll(async () => {
    wechat = await startWechat();
  });
  afterEach(async () => {
    if (shop) await sandboxFaults(shop, {});
    await shop?.stop();
    shop = undefined;
  });
  afterAll(() => wechat.stop());

  async function open(
    env: Record<string, string>,
  ): Promise<{ shop: TestApp; skuId: string; shopper: Shopper }> {
    shop = await startApp({ ...wechat.env, ...env });
    const { skuId } = await stockGoods(shop.database);
    return { shop, skuId, shopper: await Shopper.login(shop) };
  }

  const becomes = (at: TestApp, { id }: OrderBody, status: string) =>
    until(`the order is ${status}`, async () => (await orderRow(at, id)).status === status, 30_000);

  async function expectCancelledOnce(at: TestApp, { id }: OrderBody, skuId: string): Promise<void> {
    expect(await orderRow(at, id)).toEqual({ status: 'cancelled', cancelReason: 'expired' });
    expect(await movementsOf(at, id)).toEqual({ reserve: 1, release: 1 });
    expect(await stockOf(at.database, skuId)).toEqual({ onHand: 10, reserved: 0 });
  }

  it('is cancelled by its own job when its time is up, and its stock returns', async () => {
    const { shop: at, skuId, shopper } = await open({ ...withoutSweeper, ORDER_PAYMENT_TIMEOUT: '1s' });
    const order = await shopper.order(skuId, 2);
    await becomes(at, order, 'cancelled');
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(order.expiresAt!));
    await expectCancelledOnce(at, order, skuId);
    const shown = await shopper.get(`/orders/${order.id}`);
    expect(shown.body).toMatchObject({ status: 'cancelled', cancelledAt: expect.any(String) });
  });

  it('is closed at WeChat when its payment was prepared', async () => {
    const { shop: at, skuId, shopper } = await open(withoutSweeper);
    const order = await shopper.order(skuId);
    await shopper.post(`/orders/${order.id}/payment`);
    await jobComesDue(at, order);
    await becomes(at, order, 'cancelled');
    expect((await tradeOf(at, order.number))?.trade_state).toBe('CLOSED');
    await expectCancelledOnce(at, order, skuId);
  });

  it('is cancelled by the sweeper when its job was lost', async () => {
    const { shop: at, skuId, shopper } = await open(withSweeper);
    const order = await shopper.order(skuId, 2);
    await jobIsLost(at, order);
    await becomes(at, order, 'cancelled');
    await expectCancelledOnce(at, order, skuId);
  });

  it('returns its stock once when job, sweeper and shopper end it together', async () => {
    const { shop: at, skuId, shopper } = await open(withSweeper);
    const orders = await Promise.all(Array.from({ length: 5 }, () => shopper.order(skuId)));
    await Promise.all(
      orders.flatMap(order => [
        jobComesDue(at, order),
        ...[1, 2].map(() => shopper.post(`/orders/${order.id}/cancel`)),
      ]),
    );
    for (const order of orders) {
      await becomes(at, order, 'cancelled');
      expect(await movementsOf(at, order.id)).toEqual({ reserve: 1, release: 1 });
    }
    expect(await stockOf(at.database, skuId)).toEqual({ onHand: 10, reserved: 0 });
  });

  it.each([
    ['its job', withoutSweeper, jobComesDue],
    ['the sweeper', withSweeper, jobIsLost],
  ])(
    'is paid, not cancelled, when the money came and the notice was lost, as %s finds out',
    async (_, env, timeIsUp) => {
      const { shop: at, skuId, shopper } = await open(env);
      const order = await shopper.order(skuId);
      const phone = await shopper.pay(order.id, { outcome: 'lost-callback' });
      expect(phone.status).toBe(200);
      await timeIsUp(at, order);
      await becomes(at, order, 'paid');
      expect(await movementsOf(at, order.id)).toEqual({ reserve: 1, commit: 1 });
      expect(await stockOf(at.database, skuId)).toEqual({ onHand: 9, reserved: 0 });
    },
  );

  it('keeps its stock while WeChat cannot say whether it was paid, and ends when WeChat is back', async () => {
    const { shop: at, skuId, shopper } = await open(withoutSweeper);
    const order = await shopper.order(skuId);
    await shopper.post(`/orders/${order.id}/payment`);
    const outage = { path: '/v3/pay/transactions/out-trade-no/', status: 500, code: 'SYSTEM_ERROR' };
    await sandboxFaults(at, { pay: outage });
    await jobComesDue(at, order);
    await until('its job has failed', async () => ((await jobOf(at, order))?.attemptsMade ?? 0) > 0);
    expect((await orderRow(at, order.id)).status).toBe('awaiting_payment');
    expect(await stockOf(at.database, skuId)).toEqual({ onHand: 10, reserved: 1 });
    const cancel = await shopper.post(`/orders/${order.id}/cancel`);
    expect(cancel.status).toBe(503);
    expect(cancel.headers.get('retry-after')).toMatch(/^\d+$/);
    const pay = await shopper.post<{ code: string }>(`/orders/${order.id}/payment`);
    expect([pay.status, pay.body.code]).toEqual([409, 'order.not_payable']);
    await sandboxFaults(at, {});
    await becomes(at, order, 'cancelled');
    await expectCancelledOnce(at, order, skuId);
  }, 60_000);

  it('stays as it is when its time is not up', async () => {
    const { shop: at, skuId, shopper } = await open(withSweeper);
    const [due, waiting] = [await shopper.order(skuId), await shopper.order(skuId)];
    await jobIsLost(at, due);
    await becomes(at, due, 'cancelled');
    expect((await orderRow(at, waiting.id)).status).toBe('awaiting_payment');
  });
});

async function jobOf({ app }: TestApp, { id }: OrderBody): Promise<Job<JobEnvelope> | undefined> {
  const queue = app.get<Queue<JobEnvelope>>(`BullQueue_${orderExpiryQueue}`, { strict: false });
  const jobs = await queue.getJobs(['delayed', 'waiting', 'active', 'failed']);
  return jobs.find(job => (job?.data.payload as { orderId?: string } | undefined)?.orderId === id);
}

async function expireInDatabase({ database }: TestApp, { id }: OrderBody): Promise<void> {
  await database.query(`update orders set expires_at = now() - interval '1 second' where id = $1`, [id]);
}

/** Half an hour later, as far as this order and its job can tell. */
async function jobComesDue(shop: TestApp, order: OrderBody): Promise<void> {
  const job = await until('the job waits in Redis', () => jobOf(shop, order));
  await expireInDatabase(shop, order);
  // The sweeper may have ended the order meanwhile; the job is due all the same.
  await job.promote();
}

async function jobIsLost(shop: TestApp, order: OrderBody): Promise<void> {
  const job = await until('the job waits in Redis', () => jobOf(shop, order));
  await job.remove();
  await expireInDatabase(shop, order);
}
