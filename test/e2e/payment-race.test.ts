import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { stockGoods, stockOf } from '../support/goods.ts';
import { call, type Answer } from '../support/http.ts';
import { Shopper } from '../support/shopper.ts';
import { movementsOf, orderRow, tradeOf } from '../support/trades.ts';
import { until } from '../support/until.ts';
import { startGate, type Gateway } from '../support/wechat-gate.ts';
import { startWechat, type Wechat } from '../support/wechat.ts';

describe('preparing a payment and cancelling at once', () => {
  let wechat: Wechat;
  let gate: Gateway;
  let shop: TestApp;
  let skuId: string;
  /** What holds the call to WeChat that a test wants to be late. */
  let beforePrepay: Promise<unknown> | undefined;
  let afterClose: Promise<unknown> | undefined;
  let closeAnswered: () => void = () => undefined;

  beforeAll(async () => {
    wechat = await startWechat();
    gate = await startGate(wechat.env['WECHAT_PAY_BASE_URL']!, {
      before: path => (path.endsWith('/jsapi') ? beforePrepay : undefined),
      after: path => {
        if (!path.endsWith('/close')) return undefined;
        closeAnswered();
        return afterClose;
      },
    });
    shop = await startApp({ ...wechat.env, WECHAT_PAY_BASE_URL: gate.url });
    ({ skuId } = await stockGoods(shop.database, { onHand: 100 }));
  });
  afterAll(async () => {
    await shop.stop();
    await gate.stop();
    await wechat.stop();
  });

  async function expectNobodyCanPay(
    prepared: Answer,
    { id, number }: { id: string; number: string },
  ): Promise<void> {
    expect((await tradeOf(shop, number))?.trade_state).not.toBe('NOTPAY');
    if (prepared.status !== 200) return;
    const phone = await call('POST', `${shop.sandboxUrl}/__sandbox/payments`, { body: prepared.body });
    expect([id, phone.status]).toEqual([id, 400]);
  }

  it('lets nobody pay when WeChat knew no trade to close just before the prepay came', async () => {
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    beforePrepay = new Promise<void>(resolve => (closeAnswered = resolve));
    const preparing = shopper.post(`/orders/${order.id}/payment`);
    // The answer "closed: no such trade" reaches the shop only after the shopper holds a payment.
    afterClose = preparing;
    const cancelled = await cancelOnceRequested(shopper, order.id, order.number);
    beforePrepay = afterClose = undefined;
    expect(cancelled.status).toBe(200);
    await expectNobodyCanPay(await preparing, order);
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1, release: 1 });
  });

  it('closes what WeChat made of a prepay that was overtaken by the whole cancellation', async () => {
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    let release: () => void = () => undefined;
    beforePrepay = new Promise<void>(resolve => (release = resolve));
    const preparing = shopper.post<{ code: string }>(`/orders/${order.id}/payment`);
    const cancelled = await cancelOnceRequested(shopper, order.id, order.number);
    expect(cancelled.status).toBe(200);
    release();
    beforePrepay = undefined;
    const { status, body } = await preparing;
    expect([status, body.code]).toEqual([409, 'payment.closed']);
    expect((await tradeOf(shop, order.number))?.trade_state).toBe('CLOSED');
  });

  /** Not before the shop has noted that WeChat is being asked: until then it closes without asking. */
  async function cancelOnceRequested(shopper: Shopper, id: string, number: string): Promise<Answer> {
    const sql = 'select 1 from payments where reference = $1 and prepay_requested_at is not null';
    await until(
      'the prepay is on its way',
      async () => (await shop.database.query(sql, [number])).rows.length === 1,
    );
    return shopper.post(`/orders/${id}/cancel`);
  }

  it('leaves nothing payable in many races left to luck', async () => {
    const shopper = await Shopper.login(shop);
    const orders = await Promise.all(Array.from({ length: 30 }, () => shopper.order(skuId)));
    await Promise.all(
      orders.map(async (order, round) => {
        const prepare = () => shopper.post(`/orders/${order.id}/payment`);
        const cancel = () => shopper.post(`/orders/${order.id}/cancel`);
        const answers = await Promise.all(
          (round % 2 ? [prepare, cancel] : [cancel, prepare]).map(send => send()),
        );
        expect((await orderRow(shop, order.id)).status).toBe('cancelled');
        await expectNobodyCanPay(answers[round % 2 ? 0 : 1]!, order);
      }),
    );
    expect((await stockOf(shop.database, skuId)).reserved).toBe(0);
  });
});
