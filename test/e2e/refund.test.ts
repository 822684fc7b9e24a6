import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AfterSales } from '../../src/modules/order/order.contract.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { stockGoods } from '../support/goods.ts';
import { call, type Answer } from '../support/http.ts';
import { refundsOf } from '../support/refunds.ts';
import { sandboxFaults, Shopper, type OrderBody } from '../support/shopper.ts';
import { movementsOf, orderRow, tradeOf } from '../support/trades.ts';
import { until } from '../support/until.ts';
import { startWechat, type Wechat } from '../support/wechat.ts';

const refundPath = '/v3/refund/domestic/refunds';

interface Delivery {
  readonly id: string;
  readonly outTradeNo: string;
  readonly outRefundNo?: string;
  readonly status: number | string;
}

describe('a refund at WeChat', () => {
  let wechat: Wechat;
  let shop: TestApp;
  let shopper: Shopper;
  beforeAll(async () => {
    // Refunds are settled by the tests, not by time.
    wechat = await startWechat({ retryFactor: 0.001, refundDelayMs: 3_600_000 });
    shop = await startApp({
      ...wechat.env,
      PAYMENT_POLL_FIRST: '100ms',
      PAYMENT_POLL_LONGEST: '300ms',
      PAYMENT_REFUND_POLL_LONGEST: '300ms',
      PAYMENT_POLL_INTERVAL: '50ms',
      PAYMENT_REFUND_PAUSE: '50ms',
    });
    shopper = await Shopper.login(shop);
  });
  afterAll(async () => {
    await shop.stop();
    await wechat.stop();
  });

  async function paid(): Promise<OrderBody> {
    await sandboxFaults(shop, {});
    const { skuId } = await stockGoods(shop.database);
    const order = await shopper.order(skuId, 2);
    await shopper.pay(order.id, { waitForNotify: true });
    await becomes(order, 'paid');
    return order;
  }

  const becomes = ({ id }: OrderBody, status: string) =>
    until(`the order is ${status}`, async () => (await orderRow(shop, id)).status === status);

  async function refund(order: OrderBody, quantity?: number): Promise<string> {
    const items = quantity && [{ skuId: order.items[0]!.skuId, quantity }];
    const { id } = await shop.app
      .get(AfterSales)
      .refund(order.id, { reason: '不想要了🐟', restock: false, ...(items && { items }) });
    return id;
  }

  const isTaken = (refundNo: string) =>
    until('WeChat has the refund', async () => (await atWechat(refundNo)).status === 200);

  const atWechat = (refundNo: string): Promise<Answer<{ status: string; amount: object }>> =>
    call('GET', `${shop.sandboxUrl}/__sandbox/refunds/${refundNo}`);

  const settle = (outRefundNo: string, outcome: string) =>
    call('POST', `${shop.sandboxUrl}/__sandbox/refunds`, { body: { outRefundNo, outcome } });

  async function deliveriesOf({ number }: OrderBody): Promise<readonly Delivery[]> {
    const { body } = await call<{ items: Delivery[] }>('GET', `${shop.sandboxUrl}/__sandbox/notifications`);
    return body.items.filter(({ outTradeNo }) => outTradeNo === number);
  }

  async function statusOf({ number }: OrderBody): Promise<readonly string[]> {
    return (await refundsOf(shop, number)).map(({ status }) => status);
  }

  it('is paid out in full, and the order learns of it by the notice', async () => {
    const order = await paid();
    await refund(order);
    await isTaken(`${order.number}-1`);
    expect((await orderRow(shop, order.id)).status).toBe('refunding');
    await until('we know that WeChat has it', async () => (await statusOf(order))[0] === 'processing');
    // Nobody asks WeChat about this one.
    await shop.database.query(
      `update refunds set next_check_at = now() + interval '1 day' where reference = $1`,
      [order.number],
    );
    await settle(`${order.number}-1`, 'success');
    await becomes(order, 'refunded');
    expect((await tradeOf(shop, order.number))?.trade_state).toBe('REFUND');
    expect((await atWechat(`${order.number}-1`)).body).toMatchObject({
      status: 'SUCCESS',
      amount: { refund: order.amounts.totalFen, total: order.amounts.totalFen },
    });
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1, commit: 1 });
  });

  it('is found by asking when WeChat loses its notice', async () => {
    const order = await paid();
    await refund(order, 1);
    await isTaken(`${order.number}-1`);
    await sandboxFaults(shop, { notify: { lost: true } });
    await settle(`${order.number}-1`, 'success');
    await becomes(order, 'paid');
    expect((await deliveriesOf(order)).at(-1)).toMatchObject({ status: 'lost' });
    expect(await statusOf(order)).toEqual(['succeeded']);
  });

  it('is refunded once however often WeChat says so', async () => {
    const order = await paid();
    await sandboxFaults(shop, { notify: { duplicate: true } });
    await refund(order, 1);
    await isTaken(`${order.number}-1`);
    await settle(`${order.number}-1`, 'success');
    await becomes(order, 'paid');
    const delivery = await until('the notice is delivered', async () =>
      (await deliveriesOf(order)).find(({ outRefundNo, status }) => outRefundNo && status === 204),
    );
    const again = await call('POST', `${shop.sandboxUrl}/__sandbox/notifications/${delivery.id}/redeliver`);
    expect(again.body).toMatchObject({ status: 204 });
    await refund(order);
    await until('we know that WeChat has the other', async () => (await statusOf(order))[1] === 'processing');
    expect(await statusOf(order)).toEqual(['succeeded', 'processing']);
  });

  it.each([
    ['the answer is lost', { replyLost: true, remaining: 2 }],
    ['the answer is not signed', { unsigned: true, remaining: 2 }],
    ['WeChat is down', { status: 500, code: 'SYSTEM_ERROR', remaining: 3 }],
    ['it is too much at once', { status: 429, code: 'FREQUENCY_LIMITED', remaining: 3 }],
    ['the merchant has no money', { status: 403, code: 'NOT_ENOUGH', remaining: 3 }],
  ])('happens once, in the end, although %s', async (_, pay) => {
    const order = await paid();
    await sandboxFaults(shop, { pay: { path: refundPath, ...pay } });
    await refund(order, 1);
    await isTaken(`${order.number}-1`);
    await settle(`${order.number}-1`, 'success');
    await becomes(order, 'paid');
    expect(await statusOf(order)).toEqual(['succeeded']);
  });

  it('waits for a person when WeChat cannot pay it out, and succeeds after all', async () => {
    const order = await paid();
    await refund(order);
    await isTaken(`${order.number}-1`);
    await settle(`${order.number}-1`, 'abnormal');
    await until('we know', async () => (await statusOf(order))[0] === 'abnormal');
    expect((await orderRow(shop, order.id)).status).toBe('refunding');
    await settle(`${order.number}-1`, 'success');
    await becomes(order, 'refunded');
  });

  it('takes another number once WeChat has closed the first, and only then', async () => {
    const order = await paid();
    const requestId = await refund(order);
    await isTaken(`${order.number}-1`);
    const approve = () => shop.app.get(AfterSales).approve(requestId, { restock: false });
    await expect(approve()).rejects.toMatchObject({ code: 'order.refund_request_decided' });
    await settle(`${order.number}-1`, 'closed');
    await until('it may be approved again', () =>
      approve().then(
        () => true,
        () => false,
      ),
    );
    await isTaken(`${order.number}-2`);
    await settle(`${order.number}-2`, 'success');
    await becomes(order, 'refunded');
    expect(await statusOf(order)).toEqual(['closed', 'succeeded']);
  });

  it('does not mind that the payment’s own notice comes after the refund’s', async () => {
    await sandboxFaults(shop, {});
    const { skuId } = await stockGoods(shop.database);
    const order = await shopper.order(skuId);
    await shopper.pay(order.id, { outcome: 'lost-callback' });
    await becomes(order, 'paid');
    await refund(order);
    await isTaken(`${order.number}-1`);
    await settle(`${order.number}-1`, 'success');
    await becomes(order, 'refunded');
    const [lost] = (await deliveriesOf(order)).filter(({ outRefundNo }) => !outRefundNo);
    const late = await call('POST', `${shop.sandboxUrl}/__sandbox/notifications/${lost!.id}/redeliver`);
    expect(late.body).toMatchObject({ status: 204 });
    expect((await orderRow(shop, order.id)).status).toBe('refunded');
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1, commit: 1 });
  });

  it('gives money back that came although the order was cancelled', async () => {
    await sandboxFaults(shop, {});
    const { skuId } = await stockGoods(shop.database);
    const order = await shopper.order(skuId);
    const { body } = await shopper.post(`/orders/${order.id}/payment`);
    // The shop has given the order up; the phone still holds the payment.
    await shop.database.query(
      `update orders set status = 'cancelled', cancelled_at = now(), cancel_reason = 'expired'
       where id = $1`,
      [order.id],
    );
    const phone = await call('POST', `${shop.sandboxUrl}/__sandbox/payments`, {
      body: { ...body, outcome: 'lost-callback' },
    });
    expect(phone.status).toBe(200);
    await isTaken(`${order.number}-late`);
    await settle(`${order.number}-late`, 'success');
    await until('it is settled', async () => (await statusOf(order))[0] === 'succeeded');
    expect((await orderRow(shop, order.id)).status).toBe('cancelled');
    expect((await tradeOf(shop, order.number))?.trade_state).toBe('REFUND');
  });
});

describe('a refund that no poller would find today', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp({ PAYMENT_POLL_FIRST: '1h' });
  });
  afterAll(() => shop.stop());

  it('reaches WeChat by its own job', async () => {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    await shopper.pay(order.id, { waitForNotify: true });
    await until('the order is paid', async () => (await orderRow(shop, order.id)).status === 'paid');
    await shop.app.get(AfterSales).refund(order.id, { reason: '缺货', restock: false });
    await until('the order is refunded', async () => (await orderRow(shop, order.id)).status === 'refunded');
  });
});
