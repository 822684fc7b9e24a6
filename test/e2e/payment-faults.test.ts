import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { stockGoods } from '../support/goods.ts';
import { call } from '../support/http.ts';
import { sandboxFaults, Shopper, type OrderBody } from '../support/shopper.ts';
import { movementsOf, orderRow, tradeOf } from '../support/trades.ts';
import { until } from '../support/until.ts';
import { startWechat, type Wechat } from '../support/wechat.ts';

interface Delivery {
  readonly id: string;
  readonly outTradeNo: string;
  readonly status: number | string;
  readonly probe?: true;
}

/** WeChat repeats an unanswered notice after 15 ms here, not after 15 s. */
const impatient = { retryFactor: 0.001 };

describe('paying while WeChat misbehaves', () => {
  let wechat: Wechat;
  let shop: TestApp;
  let shopper: Shopper;
  let skuId: string;
  beforeAll(async () => {
    wechat = await startWechat(impatient);
    shop = await startApp({ ...wechat.env, WECHAT_REQUEST_TIMEOUT: '1500ms' });
    shopper = await Shopper.login(shop);
    ({ skuId } = await stockGoods(shop.database, { onHand: 900 }));
  });
  afterAll(async () => {
    await shop.stop();
    await wechat.stop();
  });

  async function deliveriesOf({ number }: OrderBody): Promise<readonly Delivery[]> {
    const { body } = await call<{ items: Delivery[] }>('GET', `${shop.sandboxUrl}/__sandbox/notifications`);
    return body.items.filter(({ outTradeNo }) => outTradeNo === number);
  }

  async function expectPaidOnce(order: OrderBody): Promise<void> {
    await until('the order is paid', async () => (await orderRow(shop, order.id)).status === 'paid');
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1, commit: 1 });
    const sql = `select count(*)::int as count from payments where reference = $1 and status = 'captured'`;
    const { rows } = await shop.database.query<{ count: number }>(sql, [order.number]);
    expect(rows[0]!.count).toBe(1);
  }

  it.each([
    ['sends it twice', { duplicate: true }, [204, 204]],
    ['probes our verification first', { signTest: true, remaining: 1 }, [401, 204]],
    ['names a wrong serial at first', { wrongSerial: true, remaining: 1 }, [401, 204]],
    ['signs with an old time at first', { staleTimestamp: true, remaining: 1 }, [401, 204]],
    ['says a wrong amount at first', { tamperAmount: true, remaining: 1 }, [422, 204]],
    ['signs with its certificate', { keyMode: 'certificate' }, [204]],
    ['is late', { delayMs: 50 }, [204]],
  ])('pays once when WeChat %s', async (_, notify, statuses) => {
    await sandboxFaults(shop, { notify });
    const order = await shopper.order(skuId);
    await shopper.pay(order.id);
    await expectPaidOnce(order);
    const seen = await until('all deliveries are over', async () => {
      const deliveries = await deliveriesOf(order);
      return deliveries.length >= statuses.length && deliveries.map(({ status }) => status);
    });
    expect(seen).toEqual(statuses);
  });

  it('pays two orders whose notices come in the wrong sequence', async () => {
    await sandboxFaults(shop, { notify: { outOfOrder: true, remaining: 1 } });
    const [first, second] = [await shopper.order(skuId), await shopper.order(skuId)];
    await shopper.pay(first.id);
    await shopper.pay(second.id);
    await Promise.all([expectPaidOnce(first), expectPaidOnce(second)]);
  });

  it('changes nothing when an acknowledged notice is sent again', async () => {
    await sandboxFaults(shop, {});
    const order = await shopper.order(skuId);
    await shopper.pay(order.id, { waitForNotify: true });
    await expectPaidOnce(order);
    const [delivery] = await deliveriesOf(order);
    for (let repeat = 0; repeat < 5; repeat++) {
      const again = await call(
        'POST',
        `${shop.sandboxUrl}/__sandbox/notifications/${delivery!.id}/redeliver`,
      );
      expect(again.body).toMatchObject({ status: 204 });
    }
    await expectPaidOnce(order);
  });

  it.each([
    ['is not signed', { unsigned: true }],
    ['is signed wrongly', { signTest: true }],
    ['is an outage', { status: 500, code: 'SYSTEM_ERROR' }],
    ['never comes', { timeout: true }],
    ['is too many requests', { status: 429, code: 'FREQUENCY_LIMITED' }],
  ])('hands out no payment when the answer to the prepay %s, and does so afterwards', async (_, pay) => {
    const order = await shopper.order(skuId);
    await sandboxFaults(shop, { pay: { path: '/v3/pay/transactions/jsapi', ...pay } });
    const refused = await shopper.post(`/orders/${order.id}/payment`);
    expect([429, 503]).toContain(refused.status);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(refused.text).not.toContain('prepay_id');
    await sandboxFaults(shop, {});
    await shopper.pay(order.id, { waitForNotify: true });
    await expectPaidOnce(order);
  });

  it('prepares the same trade again when the answer to the prepay was lost', async () => {
    const order = await shopper.order(skuId);
    await sandboxFaults(shop, { pay: { path: '/v3/pay/transactions/jsapi', replyLost: true, remaining: 1 } });
    const first = await shopper.post(`/orders/${order.id}/payment`);
    expect([200, 503]).toContain(first.status);
    await shopper.pay(order.id, { waitForNotify: true });
    await expectPaidOnce(order);
  });

  it.each([
    ['is not signed', { unsigned: true }],
    ['is an outage', { status: 500, code: 'SYSTEM_ERROR' }],
  ])('believes no answer about a payment that %s, and shows the order all the same', async (_, pay) => {
    const order = await shopper.order(skuId);
    await shopper.pay(order.id, { outcome: 'lost-callback' });
    await sandboxFaults(shop, { pay: { path: '/v3/pay/transactions/out-trade-no/', ...pay } });
    const shown = await shopper.get(`/orders/${order.id}`);
    expect(shown).toMatchObject({ status: 200, body: { status: 'awaiting_payment' } });
    await sandboxFaults(shop, {});
    const cancel = await shopper.post(`/orders/${order.id}/cancel`);
    expect(cancel.status).toBe(409);
    await expectPaidOnce(order);
  });

  it('cancels nothing when the answer to the close was lost, until WeChat has said that it is closed', async () => {
    const order = await shopper.order(skuId);
    await shopper.post(`/orders/${order.id}/payment`);
    await sandboxFaults(shop, { pay: { path: '/v3/pay/transactions/out-trade-no/', replyLost: true } });
    const lost = await shopper.post(`/orders/${order.id}/cancel`);
    expect(lost.status).toBe(503);
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1 });
    await sandboxFaults(shop, {});
    expect((await shopper.post(`/orders/${order.id}/cancel`)).status).toBe(200);
    expect((await tradeOf(shop, order.number))?.trade_state).toBe('CLOSED');
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1, release: 1 });
  });

  it('cancels nothing when WeChat has never seen, it says, a payment that it has prepared', async () => {
    const order = await shopper.order(skuId);
    await shopper.post(`/orders/${order.id}/payment`);
    const unknown = { status: 404, code: 'ORDER_NOT_EXIST' };
    await sandboxFaults(shop, { pay: { path: '/v3/pay/transactions/out-trade-no/', ...unknown } });
    const cancel = await shopper.post<{ code: string }>(`/orders/${order.id}/cancel`);
    expect([cancel.status, cancel.body.code]).toEqual([503, 'payment.undecided']);
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1 });
    await sandboxFaults(shop, {});
    expect((await shopper.post(`/orders/${order.id}/cancel`)).status).toBe(200);
    expect((await tradeOf(shop, order.number))?.trade_state).toBe('CLOSED');
  });

  it('is paid once when many reads find out at once that the notice was lost', async () => {
    const order = await shopper.order(skuId);
    await shopper.pay(order.id, { outcome: 'lost-callback' });
    const reads = await Promise.all(Array.from({ length: 20 }, () => shopper.get(`/orders/${order.id}`)));
    expect(new Set(reads.map(({ status }) => status))).toEqual(new Set([200]));
    await expectPaidOnce(order);
  });

  it.each(['🐟🐟🐟', `${'很长的名字'.repeat(40)}🐟`, '"引号" \\ <b>&amp;', ' \t制表\u202e'])(
    'is paid for goods called %s',
    async name => {
      const goods = await stockGoods(shop.database, { name });
      const order = await shopper.order(goods.skuId);
      await shopper.pay(order.id, { waitForNotify: true });
      await expectPaidOnce(order);
    },
  );
});
