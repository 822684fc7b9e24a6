import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSurroundings, startApp, type Surroundings, type TestApp } from '../support/app.ts';
import { stockGoods, stockOf } from '../support/goods.ts';
import { Shopper, type OrderBody } from '../support/shopper.ts';
import { startSibling, type Sibling } from '../support/sibling.ts';
import { orderRow } from '../support/trades.ts';
import { until } from '../support/until.ts';
import { startGate, type Gateway } from '../support/wechat-gate.ts';
import { startWechat, type Wechat } from '../support/wechat.ts';

describe('what an order survives', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp();
  });
  afterAll(() => shop.stop());

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
});

describe('a sweep that waits for WeChat', () => {
  let wechat: Wechat;
  let gate: Gateway;
  let ground: Surroundings;
  let shop: Sibling;
  let answerClose: () => void;
  /** The order numbers that WeChat was asked to close. */
  const asked = new Set<string>();

  beforeAll(async () => {
    wechat = await startWechat();
    const answered = new Promise<void>(resolve => (answerClose = resolve));
    gate = await startGate(wechat.env['WECHAT_PAY_BASE_URL']!, {
      before(path) {
        const [, number] = /\/out-trade-no\/([^/]+)\/close$/.exec(path) ?? [];
        return number === undefined ? undefined : (asked.add(number), answered);
      },
    });
    ground = await createSurroundings({ ...wechat.env, WECHAT_PAY_BASE_URL: gate.url });
    shop = await startSibling(ground, {
      QUEUE_SWEEP_INTERVAL: '100ms',
      ORDER_SWEEP_BATCH: '1',
      WECHAT_REQUEST_TIMEOUT: '20s',
      HTTP_SHUTDOWN_TIMEOUT: '20s',
    });
  });
  afterAll(async () => {
    answerClose();
    await shop.stop();
    await ground.drop();
    await gate.stop();
    await wechat.stop();
  });

  it('keeps no door open, finishes the order it is at, begins no other, and lets the process end', async () => {
    const { skuId } = await stockGoods(ground.database);
    const shopper = await Shopper.login({ url: shop.url, sandboxUrl: ground.sandboxUrl });
    const orders = [await shopper.order(skuId), await shopper.order(skuId), await shopper.order(skuId)];
    for (const { id } of orders) expect((await shopper.post(`/orders/${id}/payment`)).status).toBe(200);
    await ground.database.query(`update orders set expires_at = now() - interval '1 hour'`);
    await until('the sweep waits for WeChat', () => asked.size > 0);
    shop.kill('SIGTERM');
    await until('the door is shut', () => fetch(`${shop.url}/ping`).then(hangUp, () => true));
    expect(shop.hasExited()).toBe(false);
    answerClose();
    expect(await shop.exited).toBe(0);
    expect(asked.size).toBe(1);
    for (const { id, number } of orders) {
      const status = asked.has(number) ? 'cancelled' : 'awaiting_payment';
      expect((await orderRow(ground, id)).status).toBe(status);
    }
    expect(await stockOf(ground.database, skuId)).toEqual({ onHand: 10, reserved: 2 });
  });
});

async function hangUp(answer: Response): Promise<false> {
  await answer.body?.cancel();
  return false;
}
