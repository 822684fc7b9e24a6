import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplyRefundToOrder } from '../../src/modules/order/aftersale/apply-refund.ts';
import {
  AfterSales,
  OrderDesk,
  type RefundRequestQuery,
  type RefundRequestView,
} from '../../src/modules/order/order.contract.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { replayLedger, stockGoods, stockOf } from '../support/goods.ts';
import { playRefunds, refundsOf, type PlayedRefunds } from '../support/refunds.ts';
import { lockRow, waitingForLocks } from '../support/row-lock.ts';
import { Shopper, type OrderBody } from '../support/shopper.ts';
import { advance, orderRow } from '../support/trades.ts';
import { until } from '../support/until.ts';

const reason = '不想要了';

describe('after-sale', () => {
  let shop: TestApp;
  let shopper: Shopper;
  let desk: OrderDesk;
  let afterSales: AfterSales;
  let wechat: PlayedRefunds;
  beforeAll(async () => {
    shop = await startApp({ PAYMENT_POLL_FIRST: '100ms', PAYMENT_POLL_INTERVAL: '50ms' });
    shopper = await Shopper.login(shop);
    desk = shop.app.get(OrderDesk);
    afterSales = shop.app.get(AfterSales);
    wechat = playRefunds(shop);
  });
  afterAll(() => shop.stop());

  async function paid(quantity = 3, priceFen = 1_000): Promise<OrderBody> {
    wechat.status = 'SUCCESS';
    const { skuId } = await stockGoods(shop.database, { priceFen });
    const order = await shopper.order(skuId, quantity);
    await shopper.pay(order.id, { waitForNotify: true });
    await becomes(order, 'paid');
    return order;
  }

  const becomes = ({ id }: OrderBody, status: string) =>
    until(`the order is ${status}`, async () => (await orderRow(shop, id)).status === status);

  const ask = (order: OrderBody, quantity?: number) =>
    shopper.post<RefundRequestView & { code: string }>(
      `/orders/${order.id}/refunds`,
      { reason, ...(quantity && { items: [{ skuId: order.items[0]!.skuId, quantity }] }) },
      { key: true },
    );

  async function failed(order: OrderBody, quantity?: number): Promise<string> {
    wechat.status = 'CLOSED';
    const { body } = await ask(order, quantity);
    await afterSales.approve(body.id, { restock: false });
    await until('the request has failed', async () => {
      const { items } = await afterSales.list({ orderId: order.id, limit: 1 });
      return items[0]?.status === 'failed';
    });
    return body.id;
  }

  const ship = ({ id }: OrderBody) => desk.ship(id, { carrier: 'SF', trackingNumber: 'SF1' });
  const stock = ({ items }: OrderBody) => stockOf(shop.database, items[0]!.skuId);

  it('gives the whole order back before it is shipped: money with freight, and stock', async () => {
    const order = await paid();
    const asked = await ask(order);
    expect(asked).toMatchObject({
      status: 201,
      body: { status: 'requested', amountFen: 3_800, items: [{ quantity: 3, amountFen: 3_000 }] },
    });
    expect((await orderRow(shop, order.id)).status).toBe('refunding');
    expect(await stock(order)).toEqual({ onHand: 7, reserved: 0 });
    await afterSales.approve(asked.body.id, { restock: false });
    await becomes(order, 'refunded');
    expect(await stock(order)).toEqual({ onHand: 10, reserved: 0 });
    expect(await replayLedger(shop.database, order.items[0]!.skuId)).toEqual({ onHand: 10, reserved: 0 });
    expect(await refundsOf(shop, order.number)).toEqual([
      { refundNo: `${order.number}-1`, status: 'succeeded', amountFen: 3_800 },
    ]);
    const { body } = await shopper.get<{ items: RefundRequestView[] }>(`/orders/${order.id}/refunds`);
    expect(body.items).toMatchObject([
      { id: asked.body.id, status: 'succeeded', settledAt: expect.any(String) },
    ]);
    expect((await shopper.get(`/orders/${order.id}`)).body).toMatchObject({
      status: 'refunded',
      refundedAt: expect.any(String),
    });
    expect(await ask(order)).toMatchObject({ status: 409, body: { code: 'order.not_refundable' } });
  });

  it('adds up to what was paid, freight included, in parts; the order goes on after each', async () => {
    const order = await paid(3, 333);
    for (const left of [2, 1]) {
      const { body } = await ask(order, 1);
      await afterSales.approve(body.id, { restock: false });
      await becomes(order, 'paid');
      expect(await stock(order)).toEqual({ onHand: 10 - left, reserved: 0 });
      expect((await desk.get(order.id)).items).toMatchObject([{ quantity: 3, refundedQuantity: 3 - left }]);
    }
    expect(await ask(order, 2)).toMatchObject({ status: 422, body: { code: 'order.refund_items_invalid' } });
    const last = await ask(order);
    await afterSales.approve(last.body.id, { restock: false });
    await becomes(order, 'refunded');
    const rows = await refundsOf(shop, order.number);
    expect(rows.map(({ amountFen }) => amountFen)).toEqual([333, 333, 333 + 800]);
  });

  it('plans nothing again that has gone back while the request waited for the order', async () => {
    const order = await paid(3);
    const lock = await lockRow(shop.database, 'orders', order.id);
    const asking = ask(order, 2);
    await until('the request waits', async () => (await waitingForLocks(shop.database)) === 1);
    await lock.release('update order_items set refunded_quantity = 2 where order_id = $1');
    expect(await asking).toMatchObject({ status: 422, body: { code: 'order.refund_items_invalid' } });
  });

  it('keeps freight, and what only the merchant can have got back, once the order is shipped', async () => {
    const order = await paid();
    await ship(order);
    const first = await ask(order, 1);
    await afterSales.approve(first.body.id, { restock: false });
    await becomes(order, 'shipped');
    expect(await stock(order)).toEqual({ onHand: 7, reserved: 0 });
    const second = await ask(order);
    expect(second.body.amountFen).toBe(2_000);
    await afterSales.approve(second.body.id, { restock: true });
    await becomes(order, 'refunded');
    expect(await stock(order)).toEqual({ onHand: 9, reserved: 0 });
  });

  it.each(['paid', 'shipped', 'received', 'completed'] as const)(
    'takes a refused order back to %s',
    async state => {
      const order = await paid();
      await advance(shop, order.id, state);
      const { body } = await ask(order);
      const refused = await afterSales.refuse(body.id, '已超过退货期限');
      expect(refused).toMatchObject({ status: 'refused', refusal: '已超过退货期限' });
      expect((await orderRow(shop, order.id)).status).toBe(state);
      await expect(afterSales.approve(body.id, { restock: true })).rejects.toMatchObject({
        code: 'order.refund_request_decided',
      });
      expect(await refundsOf(shop, order.number)).toEqual([]);
      expect((await ask(order)).status).toBe(201);
    },
  );

  it('takes one of many requests at once, and repeats the answer of a repeated one', async () => {
    const order = await paid();
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(order)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
    const other = await paid();
    const send = () => shopper.post(`/orders/${other.id}/refunds`, { reason }, { key: `refund-${other.id}` });
    const repeats = await Promise.all([send(), send(), send(), send()]);
    expect(new Set(repeats.map(({ text }) => text)).size).toBe(1);
    expect(repeats.every(({ status }) => status === 201)).toBe(true);
  });

  it('approves or refuses once, whoever decides at the same time', async () => {
    const order = await paid();
    const { body } = await ask(order);
    const decisions = await Promise.allSettled([
      afterSales.approve(body.id, { restock: true }),
      afterSales.refuse(body.id, '不同意'),
      afterSales.approve(body.id, { restock: true }),
      afterSales.refuse(body.id, '不同意'),
    ]);
    const [done] = decisions.filter(({ status }) => status === 'fulfilled');
    expect(decisions.filter(({ status }) => status === 'rejected')).toHaveLength(3);
    const { status } = (done as PromiseFulfilledResult<RefundRequestView>).value;
    await becomes(order, status === 'refused' ? 'paid' : 'refunded');
    expect(await refundsOf(shop, order.number)).toHaveLength(status === 'refused' ? 0 : 1);
    expect((await stock(order)).onHand).toBe(status === 'refused' ? 7 : 10);
  });

  it('is asked for again, under another number, when WeChat closes the refund; its stock comes back once', async () => {
    const order = await paid();
    const requestId = await failed(order);
    expect((await orderRow(shop, order.id)).status).toBe('refunding');
    wechat.status = 'SUCCESS';
    await afterSales.approve(requestId, { restock: false });
    await becomes(order, 'refunded');
    const rows = await refundsOf(shop, order.number);
    expect(rows.map(({ refundNo, status }) => [refundNo, status])).toEqual([
      [`${order.number}-1`, 'closed'],
      [`${order.number}-2`, 'succeeded'],
    ]);
    expect(await stock(order)).toEqual({ onHand: 10, reserved: 0 });
  });

  it.each([
    [3, 'refunded', 10],
    [1, 'paid', 8],
  ])('ends by hand what WeChat cannot give back: %i of 3, %s', async (quantity, status, onHand) => {
    const order = await paid();
    const requestId = await failed(order, quantity);
    const settle = () => afterSales.settleByHand(requestId, { restock: true });
    expect(await settle()).toMatchObject({
      status: 'succeeded',
      isByHand: true,
      settledAt: expect.any(String),
    });
    expect((await orderRow(shop, order.id)).status).toBe(status);
    expect(await stock(order)).toEqual({ onHand, reserved: 0 });
    await expect(settle()).rejects.toMatchObject({ code: 'order.refund_request_decided' });
    if (status === 'paid') expect((await ask(order, 3)).status).toBe(422);
  });

  it('is not ended by hand while WeChat may still make it', async () => {
    const order = await paid();
    wechat.status = 'PROCESSING';
    const { body } = await ask(order);
    await afterSales.approve(body.id, { restock: false });
    await expect(afterSales.settleByHand(body.id, { restock: false })).rejects.toMatchObject({
      code: 'order.refund_request_decided',
    });
    wechat.status = 'SUCCESS';
    await becomes(order, 'refunded');
  });

  it.each([
    ["paid_at = paid_at - interval '365 days'", 'too_late'],
    ['refund_count = 50', 'too_many'],
  ])('is not left waiting for a refund that WeChat would never make: %s', async (change, why) => {
    const [order, waiting] = [await paid(), await paid()];
    const { body: asked } = await ask(waiting);
    const sql = `update orders set ${change} where id = any($1)`;
    await shop.database.query(sql, [[order.id, waiting.id]]);
    const code = 'order.refund_not_possible';
    expect(await ask(order)).toMatchObject({ status: 409, body: { code, reason: why } });
    expect((await orderRow(shop, order.id)).status).toBe('paid');
    await expect(afterSales.approve(asked.id, { restock: false })).rejects.toMatchObject({ code });
    await afterSales.settleByHand(asked.id, { restock: false });
    expect((await orderRow(shop, waiting.id)).status).toBe('refunded');
    expect(await stock(waiting)).toEqual({ onHand: 10, reserved: 0 });
    expect(await refundsOf(shop, waiting.number)).toEqual([]);
  });

  it('reaches WeChat although the first attempt of its job came to nothing', async () => {
    const order = await paid();
    wechat.failures = 2;
    const { body } = await ask(order);
    await afterSales.approve(body.id, { restock: false });
    await becomes(order, 'refunded');
    const texts = wechat.requests.filter(text => text.includes(`${order.number}-1`));
    expect([texts.length, new Set(texts).size]).toEqual([3, 1]);
  });

  it('is asked about until WeChat has paid it out, when its notice is lost', async () => {
    const order = await paid();
    wechat.status = 'PROCESSING';
    const { body } = await ask(order);
    await afterSales.approve(body.id, { restock: false });
    await until(
      'WeChat has the refund',
      async () => (await refundsOf(shop, order.number))[0]?.status === 'processing',
    );
    expect((await orderRow(shop, order.id)).status).toBe('refunding');
    wechat.status = 'SUCCESS';
    await becomes(order, 'refunded');
    expect(wechat.requests.filter(text => text.includes(`${order.number}-1`))).toHaveLength(1);
  });

  it('gives back what was paid after a discount, unit by unit', async () => {
    const order = await paid(3, 1_000);
    const sql = 'update order_items set discount_fen = 1001 where order_id = $1';
    await shop.database.query(sql, [order.id]);
    const amounts: number[] = [];
    for (const quantity of [1, 1, 1]) {
      const { body } = await ask(order, quantity);
      amounts.push(body.amountFen);
      await afterSales.approve(body.id, { restock: false });
      await becomes(order, amounts.length < 3 ? 'paid' : 'refunded');
    }
    expect(amounts).toEqual([666, 666, 667 + 800]);
  });

  it('stays as it ended, whatever is said of its refund later', async () => {
    const order = await paid();
    const { body } = await ask(order);
    await afterSales.approve(body.id, { restock: false });
    await becomes(order, 'refunded');
    const outcome = { refundNo: `${order.number}-1`, reference: order.number };
    for (const status of ['closed', 'succeeded'] as const)
      await shop.app.get(ApplyRefundToOrder).onEvent(randomUUID(), { ...outcome, status });
    const { items } = await afterSales.list({ orderId: order.id, limit: 5 });
    expect(items.map(({ status }) => status)).toEqual(['succeeded']);
    expect((await desk.get(order.id)).items).toMatchObject([{ quantity: 3, refundedQuantity: 3 }]);
  });

  it('shows the merchant the requests of one order, or of one status, newest first', async () => {
    const [first, second] = [await paid(), await paid()];
    const [refused, open, other] = [await ask(first), await ask(second), await ask(await paid())];
    await afterSales.refuse(refused.body.id, '不同意');
    const again = await ask(first);
    const idsOf = async (query: Partial<RefundRequestQuery>): Promise<readonly string[]> =>
      (await afterSales.list({ limit: 100, ...query })).items.map(({ id }) => id);
    expect(await idsOf({ orderId: first.id })).toEqual([again.body.id, refused.body.id]);
    expect(await idsOf({ orderId: first.id, status: 'refused' })).toEqual([refused.body.id]);
    const waiting = await idsOf({ status: 'requested' });
    expect(waiting.slice(0, 3)).toEqual([again.body.id, other.body.id, open.body.id]);
    expect(waiting).not.toContain(refused.body.id);
  });

  it('cannot be asked for without end: after five refusals only the merchant begins one', async () => {
    const order = await paid();
    for (let n = 0; n < 5; n++) await afterSales.refuse((await ask(order)).body.id, '不同意');
    expect(await ask(order)).toMatchObject({ status: 409, body: { code: 'order.refund_refused_often' } });
    expect((await orderRow(shop, order.id)).status).toBe('paid');
    await afterSales.refund(order.id, { reason: '协商一致', restock: false });
    await becomes(order, 'refunded');
  });

  it('is not shipped while it is being refunded', async () => {
    const order = await paid();
    await ask(order);
    await expect(ship(order)).rejects.toMatchObject({ code: 'order.not_shippable' });
  });

  it('can be begun by the merchant alone', async () => {
    const order = await paid();
    const items = [{ skuId: order.items[0]!.skuId, quantity: 1 }];
    const view = await afterSales.refund(order.id, { reason: '缺货', items, restock: false });
    expect(view).toMatchObject({ status: 'approved', amountFen: 1_000 });
    await becomes(order, 'paid');
    expect(await stock(order)).toEqual({ onHand: 8, reserved: 0 });
  });

  it('has nothing to give back for an order that nobody has paid, or for goods that cost nothing', async () => {
    const { skuId } = await stockGoods(shop.database);
    const unpaid = await shopper.order(skuId);
    expect(await ask(unpaid)).toMatchObject({ status: 409, body: { code: 'order.not_refundable' } });
    const free = await paid(2);
    await shop.database.query('update order_items set discount_fen = total_fen where order_id = $1', [
      free.id,
    ]);
    expect(await ask(free, 1)).toMatchObject({ status: 422, body: { code: 'order.nothing_to_refund' } });
    expect((await orderRow(shop, free.id)).status).toBe('paid');
  });

  it('wants a key, so that a retry asks once', async () => {
    const order = await paid();
    const keyless = await shopper.post<{ code: string }>(`/orders/${order.id}/refunds`, { reason });
    expect([keyless.status, keyless.body.code]).toEqual([400, 'idempotency.key_required']);
  });
});
