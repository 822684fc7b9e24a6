import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RefundRequestView } from '../../src/modules/order/order.contract.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { replayLedger, stockGoods, stockOf } from '../support/goods.ts';
import { call, type Answer } from '../support/http.ts';
import { askRefund, becomes, paidOrder } from '../support/paid-order.ts';
import { flawOf } from '../support/problems.ts';
import { refundsOf } from '../support/refunds.ts';
import { Shopper, type OrderBody } from '../support/shopper.ts';
import { auditOf, Staff } from '../support/staff.ts';
import { orderRow } from '../support/trades.ts';
import { until } from '../support/until.ts';
import { startWechat, type Wechat } from '../support/wechat.ts';

type RefundBody = RefundRequestView & { readonly code?: string; readonly state?: string };

interface Page {
  readonly items: readonly RefundBody[];
  readonly nextCursor?: string;
}

describe('the merchant’s refunds', () => {
  let wechat: Wechat;
  let shop: TestApp;
  let shopper: Shopper;
  let manager: Staff;
  let support: Staff;
  let keeper: Staff;
  beforeAll(async () => {
    // Refunds are settled by the tests, not by time.
    wechat = await startWechat({ refundDelayMs: 3_600_000 });
    shop = await startApp(wechat.env);
    shopper = await Shopper.login(shop);
    manager = await Staff.hire(shop, 'manager');
    support = await Staff.hire(shop, 'support');
    keeper = await Staff.hire(shop, 'warehouse');
  });
  afterAll(async () => {
    await shop.stop();
    await wechat.stop();
  });

  async function paid(quantity = 3): Promise<OrderBody> {
    const { skuId } = await stockGoods(shop.database, { priceFen: 1_000 });
    return paidOrder(shop, shopper, { skuId, quantity });
  }

  const approve = (id: string, restock: boolean, key?: string): Promise<Answer<RefundBody>> =>
    manager.post(`/refunds/${id}/approve`, { restock }, { key });
  const refuse = (id: string, reason = '已超过退货期限', key?: string): Promise<Answer<RefundBody>> =>
    support.post(`/refunds/${id}/refuse`, { reason }, { key });
  const begin = ({ id }: OrderBody, body: object, key: string | true = true): Promise<Answer<RefundBody>> =>
    manager.post(`/orders/${id}/refunds`, body, { key });
  const stock = ({ items }: OrderBody) => stockOf(shop.database, items[0]!.skuId);
  const unitsOf = ({ items }: OrderBody, quantity: number) => [{ skuId: items[0]!.skuId, quantity }];

  /** WeChat takes the refund, ends it, and tells the shop. */
  async function settle(refundNo: string, outcome: string): Promise<void> {
    await until('WeChat has the refund', async () => {
      const { status } = await call('GET', `${shop.sandboxUrl}/__sandbox/refunds/${refundNo}`);
      return status === 200;
    });
    const body = { outRefundNo: refundNo, outcome };
    const { status } = await call('POST', `${shop.sandboxUrl}/__sandbox/refunds`, { body });
    expect(status).toBe(200);
  }

  it('come round: ordered, paid, shipped, received, asked back, approved, settled, and in stock again', async () => {
    const order = await paid(2);
    expect(await stock(order)).toEqual({ onHand: 8, reserved: 0 });
    const parcel = { carrier: 'SF', trackingNumber: 'SF42' };
    expect((await keeper.post(`/orders/${order.id}/ship`, parcel)).status).toBe(200);
    expect((await shopper.post(`/orders/${order.id}/receive`)).body).toMatchObject({ status: 'received' });
    const id = await askRefund(shopper, order);
    expect((await support.get(`/refunds/${id}`)).body).toMatchObject({
      status: 'requested',
      orderId: order.id,
      orderNumber: order.number,
      amountFen: 2_000,
    });
    expect((await approve(id, true)).body).toMatchObject({ id, status: 'approved', amountFen: 2_000 });
    expect(await stock(order)).toEqual({ onHand: 10, reserved: 0 });
    await settle(`${order.number}-1`, 'success');
    await becomes(shop, order, 'refunded');
    expect((await support.get(`/refunds/${id}`)).body).toMatchObject({ status: 'succeeded' });
    expect((await shopper.get(`/orders/${order.id}`)).body).toMatchObject({ status: 'refunded' });
    expect(await replayLedger(shop.database, order.items[0]!.skuId)).toEqual({ onHand: 10, reserved: 0 });
    expect((await auditOf(shop, order.id)).map(({ action }) => action)).toEqual(['order.ship']);
    expect(await auditOf(shop, id)).toEqual([
      expect.objectContaining({
        action: 'refund.approve',
        permission: 'refunds.approve',
        staffId: manager.id,
        before: { status: 'requested' },
        after: { status: 'approved', decidedAt: expect.any(String), restock: true },
      }),
    ]);
  });

  it('pay once when five approve at once', async () => {
    const order = await paid();
    const id = await askRefund(shopper, order);
    const answers = await Promise.all(Array.from({ length: 5 }, () => approve(id, true)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    const late = answers.find(({ status }) => status === 409)!;
    expect([late.body.code, late.body.state, flawOf(late)]).toEqual([
      'order.refund_request_decided',
      'approved',
      undefined,
    ]);
    expect(await refundsOf(shop, order.number)).toHaveLength(1);
    expect(await stock(order)).toEqual({ onHand: 10, reserved: 0 });
    expect(await auditOf(shop, id)).toHaveLength(1);
  });

  it('have one outcome when some approve and others refuse', async () => {
    const order = await paid();
    const id = await askRefund(shopper, order);
    const answers = await Promise.all([approve(id, false), refuse(id), approve(id, false), refuse(id)]);
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    const isRefused = won[0]!.body.status === 'refused';
    expect(await refundsOf(shop, order.number)).toHaveLength(isRefused ? 0 : 1);
    expect((await orderRow(shop, order.id)).status).toBe(isRefused ? 'paid' : 'refunding');
    expect((await auditOf(shop, id)).map(({ action }) => action)).toEqual([
      isRefused ? 'refund.refuse' : 'refund.approve',
    ]);
  });

  it('answer a retry under the same key as the first time, and pay nothing more', async () => {
    const order = await paid();
    const [id, key] = [await askRefund(shopper, order), randomUUID()];
    const first = await approve(id, false, key);
    await settle(`${order.number}-1`, 'closed');
    await until('the refund has failed', async () => {
      return (await support.get<RefundBody>(`/refunds/${id}`)).body.status === 'failed';
    });
    // Without its key the same request would now send the money anew.
    const again = await approve(id, false, key);
    expect([again.status, again.text, again.headers.get('idempotency-replayed')]).toEqual([
      200,
      first.text,
      'true',
    ]);
    expect(await refundsOf(shop, order.number)).toHaveLength(1);
    const other = await approve(id, true, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.key_reused']);

    expect((await approve(id, false)).body).toMatchObject({ status: 'approved' });
    await settle(`${order.number}-2`, 'success');
    await becomes(shop, order, 'refunded');
    expect(await auditOf(shop, id)).toMatchObject([
      { before: { status: 'requested' }, after: { status: 'approved' } },
      { before: { status: 'failed' }, after: { status: 'approved' } },
    ]);
    expect(await stock(order)).toEqual({ onHand: 10, reserved: 0 });
  });

  it('are refused with a reason that the shopper reads, and the order goes on', async () => {
    const order = await paid();
    const [id, key] = [await askRefund(shopper, order), randomUUID()];
    const answers = [await refuse(id, '已超过退货期限', key), await refuse(id, '已超过退货期限', key)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[1]!.text).toBe(answers[0]!.text);
    const { body } = await shopper.get<Page>(`/orders/${order.id}/refunds`);
    expect(body.items).toMatchObject([{ id, status: 'refused', refusal: '已超过退货期限' }]);
    expect((await orderRow(shop, order.id)).status).toBe('paid');
    expect((await approve(id, false)).body.code).toBe('order.refund_request_decided');
    expect(await auditOf(shop, id)).toMatchObject([
      {
        action: 'refund.refuse',
        staffId: support.id,
        before: { status: 'requested' },
        after: { status: 'refused', refusal: '已超过退货期限' },
      },
    ]);
  });

  it('are begun by the merchant for some units, once per key, and the log tells of each', async () => {
    const [order, key] = [await paid(), randomUUID()];
    const body = { reason: '缺货', items: unitsOf(order, 1), restock: false };
    const keyless = await manager.post<RefundBody>(`/orders/${order.id}/refunds`, body);
    expect([keyless.status, keyless.body.code]).toEqual([400, 'idempotency.key_required']);
    const answers = await Promise.all([1, 2, 3].map(() => begin(order, body, key)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const [{ body: refund }] = answers as [Answer<RefundBody>];
    expect(refund).toMatchObject({ status: 'approved', amountFen: 1_000, reason: '缺货' });
    // Never shipped, so it is in the shop still.
    expect(await stock(order)).toEqual({ onHand: 8, reserved: 0 });
    expect(await auditOf(shop, refund.id)).toMatchObject([
      {
        action: 'refund.create',
        before: null,
        after: { orderId: order.id, amountFen: 1_000, restock: false },
      },
    ]);
    const open = await begin(order, { reason: '缺货', restock: false });
    expect([open.status, open.body.code]).toEqual([409, 'order.not_refundable']);
    await settle(`${order.number}-1`, 'success');
    await becomes(shop, order, 'paid');
    const rest = await begin(order, { reason: '缺货', restock: false });
    expect(rest.body.amountFen).toBe(2_800);
    const tooMuch = await begin(await paid(1), { ...body, items: unitsOf(order, 1) });
    expect([tooMuch.status, tooMuch.body.code]).toEqual([422, 'order.refund_items_invalid']);
  });

  it('have one winner when shopper and merchant begin at once', async () => {
    const order = await paid();
    const answers = await Promise.all([
      begin(order, { reason: '缺货', restock: false }),
      shopper.post(`/orders/${order.id}/refunds`, { reason: '不想要了' }, { key: true }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect((await support.get<Page>(`/refunds?orderId=${order.id}`)).body.items).toHaveLength(1);
  });

  it('are found by state and order, page by page, and told as the shopper is told', async () => {
    const [first, second] = [await paid(), await paid()];
    const ids = [await askRefund(shopper, first), await askRefund(shopper, second)];
    const ask = async (query: string) => (await keeper.get<Page>(`/refunds?${query}`)).body;
    const newest = await ask('status=requested&limit=1');
    const next = await ask(`status=requested&limit=1&cursor=${newest.nextCursor}`);
    expect([...newest.items, ...next.items].map(({ id }) => id)).toEqual(ids.toReversed());
    expect((await ask(`orderId=${first.id}`)).items.map(({ id }) => id)).toEqual([ids[0]]);
    for (const none of ['orderId=nonsense', `orderId=${ids[0]}`, `orderId=${first.id}&status=failed`])
      expect(await ask(none)).toEqual({ items: [] });
    const own = await shopper.get<Page>(`/orders/${first.id}/refunds`);
    expect((await support.get(`/refunds/${ids[0]}`)).body).toEqual(own.body.items[0]);
  });

  it.each(['nonsense', '01a20f7c-a0c9-7225-b434-ff9f662b7cd5'])('are not found as %s', async id => {
    const answers = [await support.get(`/refunds/${id}`), await approve(id, true), await refuse(id)];
    for (const answer of answers) {
      const { code } = answer.body as { code?: string };
      expect([code, flawOf(answer)]).toEqual(['order.refund_request_not_found', undefined]);
    }
  });

  it('send no money when the approval cannot be recorded', async () => {
    const order = await paid();
    const id = await askRefund(shopper, order);
    await shop.database.query(
      `alter table audit_log add constraint full_disk check (action <> 'refund.approve') not valid`,
    );
    try {
      expect((await approve(id, true)).status).toBe(500);
    } finally {
      await shop.database.query('alter table audit_log drop constraint full_disk');
    }
    expect(await refundsOf(shop, order.number)).toEqual([]);
    expect(await stock(order)).toEqual({ onHand: 7, reserved: 0 });
    expect((await support.get(`/refunds/${id}`)).body).toMatchObject({ status: 'requested' });
  });
});
