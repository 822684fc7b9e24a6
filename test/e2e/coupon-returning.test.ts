import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { expireCoupon, giveCoupon, holderOf, type CouponBody } from '../support/coupons.ts';
import { stockGoods } from '../support/goods.ts';
import { Shopper, type OrderBody } from '../support/shopper.ts';
import { orderRow } from '../support/trades.ts';
import { until } from '../support/until.ts';

describe('the coupon of an order that ends', () => {
  let shop: TestApp;
  let shopper: Shopper;
  let addressId: string;
  let skuId: string;
  beforeAll(async () => {
    shop = await startApp({ ORDER_SWEEP_GRACE: '1ms', QUEUE_SWEEP_INTERVAL: '100ms' });
    shopper = await Shopper.login(shop);
    addressId = await shopper.addAddress();
    ({ skuId } = await stockGoods(shop.database, { priceFen: 2_000, onHand: 100 }));
  });
  afterAll(() => shop.stop());

  async function order(couponId: string): Promise<OrderBody> {
    const body = { items: [{ skuId, quantity: 1 }], addressId, couponId };
    const answer = await shopper.post<OrderBody>('/orders', body, { key: true });
    if (answer.status !== 201) throw new Error(`order refused: ${answer.text}`);
    return answer.body;
  }

  async function stateOf(couponId: string): Promise<string | undefined> {
    const { body } = await shopper.get<{ items: CouponBody[] }>('/me/coupons?limit=50');
    return body.items.find(({ id }) => id === couponId)?.status;
  }

  const becomes = (id: string, status: string) =>
    until(`the order is ${status}`, async () => (await orderRow(shop, id)).status === status);

  it('is its owner’s again after cancelling, and serves another order', async () => {
    const couponId = await giveCoupon(shop.database, shopper);
    const first = await order(couponId);
    await shopper.post(`/orders/${first.id}/cancel`);
    expect([await stateOf(couponId), await holderOf(shop.database, couponId)]).toEqual(['available', null]);
    const second = await order(couponId);
    expect(await holderOf(shop.database, couponId)).toBe(second.id);
  });

  it('is not taken from its next order by cancelling the last one again', async () => {
    const couponId = await giveCoupon(shop.database, shopper);
    const first = await order(couponId);
    await Promise.all(Array.from({ length: 10 }, () => shopper.post(`/orders/${first.id}/cancel`)));
    const second = await order(couponId);
    await Promise.all(Array.from({ length: 10 }, () => shopper.post(`/orders/${first.id}/cancel`)));
    expect(await holderOf(shop.database, couponId)).toBe(second.id);
  });

  it('is its owner’s again when the order expires', async () => {
    const couponId = await giveCoupon(shop.database, shopper);
    const { id } = await order(couponId);
    await shop.database.query(`update orders set expires_at = now() - interval '1 minute' where id = $1`, [
      id,
    ]);
    await becomes(id, 'cancelled');
    expect([await stateOf(couponId), await holderOf(shop.database, couponId)]).toEqual(['available', null]);
  });

  it('is of no more use when its time is over by then', async () => {
    const couponId = await giveCoupon(shop.database, shopper);
    const { id } = await order(couponId);
    await expireCoupon(shop.database, couponId);
    expect(await stateOf(couponId)).toBe('used');
    await shopper.post(`/orders/${id}/cancel`);
    expect(await stateOf(couponId)).toBe('expired');
    const body = { items: [{ skuId, quantity: 1 }], addressId, couponId };
    const again = await shopper.post<{ code: string; reason: string }>('/orders', body, { key: true });
    expect([again.status, again.body.code, again.body.reason]).toEqual([422, 'coupon.not_usable', 'expired']);
  });

  it('stays used when the order is paid, whoever tries to cancel it then', async () => {
    const couponId = await giveCoupon(shop.database, shopper);
    const { id } = await order(couponId);
    await shopper.pay(id, { waitForNotify: true });
    await becomes(id, 'paid');
    await shopper.post(`/orders/${id}/cancel`);
    expect([await stateOf(couponId), await holderOf(shop.database, couponId)]).toEqual(['used', id]);
  });

  it('is either used or returned, never both, when paying and cancelling race', async () => {
    const flaws = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const couponId = await giveCoupon(shop.database, shopper);
        const { id } = await order(couponId);
        await Promise.allSettled([shopper.pay(id), shopper.post(`/orders/${id}/cancel`)]);
        const ended = await until('it ends', async () => {
          const { status } = await orderRow(shop, id);
          return status !== 'awaiting_payment' && status;
        });
        const holder = await holderOf(shop.database, couponId);
        return (ended === 'paid') === (holder === id) ? [] : [{ ended, holder, id }];
      }),
    );
    expect(flaws.flat()).toEqual([]);
  });
});
