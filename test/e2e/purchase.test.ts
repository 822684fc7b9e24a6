import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { replayLedger, stockGoods, stockOf } from '../support/goods.ts';
import { Shopper, type OrderBody } from '../support/shopper.ts';
import { until } from '../support/until.ts';

describe('a purchase', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp();
  });
  afterAll(() => shop.stop());

  it('goes from login to a paid order because WeChat told us so', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 5, priceFen: 2_500 });
    const shopper = await Shopper.login(shop);
    await shopper.put(`/cart/items/${skuId}`, { quantity: 2 });
    const addressId = await shopper.addAddress();
    const preview = await shopper.post<OrderBody>('/orders/preview', { fromCart: true, addressId });
    expect(preview.status).toBe(200);
    expect(preview.body.amounts).toEqual({
      itemsFen: 5_000,
      freightFen: 800,
      discountFen: 0,
      totalFen: 5_800,
    });

    const placed = await shopper.post<OrderBody>('/orders', { fromCart: true, addressId }, { key: true });
    expect(placed.status).toBe(201);
    expect(placed.body).toMatchObject({ status: 'awaiting_payment', amounts: preview.body.amounts });
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 5, reserved: 2 });
    expect((await shopper.get('/cart')).body).toEqual({ items: [], totalFen: 0 });

    const paid = await shopper.pay(placed.body.id, { outcome: 'paid' });
    expect(paid.status).toBe(200);
    const row = await until('the order is paid without anybody asking', async () => {
      const { rows } = await shop.database.query('select status, paid_at from orders where id = $1', [
        placed.body.id,
      ]);
      return rows[0].status === 'paid' && rows[0];
    });
    expect(row.paid_at).toBeInstanceOf(Date);
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 3, reserved: 0 });
    expect(await replayLedger(shop.database, skuId)).toEqual({ onHand: 3, reserved: 0 });
    const shown = await shopper.get(`/orders/${placed.body.id}`);
    expect(shown.body).toMatchObject({ status: 'paid', number: placed.body.number });
    expect(shown.body).not.toHaveProperty('expiresAt');
  });

  it('becomes paid on the next look when WeChat loses its notice', async () => {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    await shopper.pay(order.id, { outcome: 'lost-callback' });
    const shown = await shopper.get(`/orders/${order.id}`);
    expect(shown.body).toMatchObject({ status: 'paid' });
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 9, reserved: 0 });
  });

  it('hands out the same prepared payment when the shopper taps twice', async () => {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    const [first, second] = await Promise.all([
      shopper.post(`/orders/${order.id}/payment`),
      shopper.post(`/orders/${order.id}/payment`),
    ]);
    expect([first.status, second.status]).toEqual([200, 200]);
    const third = await shopper.post(`/orders/${order.id}/payment`);
    expect(third.body['package']).toMatch(/^prepay_id=/);
  });
});
