import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { stockGoods, stockOf } from '../support/goods.ts';
import { Shopper, sandboxFaults, type OrderBody } from '../support/shopper.ts';
import { startSibling } from '../support/sibling.ts';
import { until } from '../support/until.ts';

describe('what an order survives', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp({ ORDER_RECONCILE_GRACE: '200ms' });
  });
  afterAll(() => shop.stop());

  const statusOf = async (orderId: string): Promise<string> => {
    const { rows } = await shop.database.query<{ status: string }>(
      'select status from orders where id = $1',
      [orderId],
    );
    return rows[0]!.status;
  };

  it('becomes paid although the event of its payment was lost with Redis', async () => {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    // What is left when the relay had handed the event to a Redis that was then flushed.
    await shop.database.query(
      `update payments set status = 'captured', transaction_id = $2, captured_at = now(), recorded_at = now()
       where reference = $1`,
      [order.number, `lost-${order.number}`],
    );
    await until('the order is paid', async () => (await statusOf(order.id)) === 'paid');
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 9, reserved: 0 });
    const { rows } = await shop.database.query('select acknowledged_at from payments where reference = $1', [
      order.number,
    ]);
    expect(rows[0].acknowledged_at).toBeInstanceOf(Date);
  });

  it('does not order one cart twice from two phones', async () => {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const addressId = await shopper.addAddress();
    await shopper.put(`/cart/items/${skuId}`, { quantity: 2 });
    const order = () => shopper.post<OrderBody>('/orders', { fromCart: true, addressId }, { key: true });
    const answers = await Promise.all([order(), order(), order()]);
    const placed = answers.filter(({ status }) => status === 201);
    expect(placed).toHaveLength(1);
    for (const { status, body } of answers.filter(answer => answer !== placed[0])) {
      expect([409, 422]).toContain(status);
      expect(['order.cart_changed', 'order.cart_empty']).toContain(
        (body as unknown as { code: string }).code,
      );
    }
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 10, reserved: 2 });
  });

  it('does not keep a process from ending while a sweep waits for WeChat', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 50 });
    const shopper = await Shopper.login(shop);
    for (let count = 0; count < 8; count++) {
      const { id } = await shopper.order(skuId);
      expect((await shopper.post(`/orders/${id}/payment`)).status).toBe(200);
    }
    await sandboxFaults(shop, { pay: { timeout: true, path: '/close' } });
    await shop.database.query(`update orders set expires_at = now() - interval '1 hour' where user_id = $1`, [
      shopper.userId,
    ]);
    const sibling = await startSibling(shop, {
      QUEUE_SWEEP_INTERVAL: '100ms',
      WECHAT_REQUEST_TIMEOUT: '1500ms',
    });
    const began = performance.now();
    await sibling.stop();
    expect(await sibling.exited).toBe(0);
    expect(performance.now() - began).toBeLessThan(4_000);
    await sandboxFaults(shop, {});
    await until('the sweeper ends them once WeChat is back', async () => {
      const { rows } = await shop.database.query('select 1 from orders where user_id = $1 and status <> $2', [
        shopper.userId,
        'cancelled',
      ]);
      return rows.length === 0;
    });
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 50, reserved: 0 });
  });
});
