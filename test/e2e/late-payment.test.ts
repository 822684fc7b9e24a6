import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplyPaymentToOrder } from '../../src/modules/order/settlement/apply-payment.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { stockGoods, stockOf } from '../support/goods.ts';
import { deliver, writeNotice } from '../support/notice.ts';
import { playRefunds, refundsOf, type PlayedRefunds } from '../support/refunds.ts';
import { Shopper, type OrderBody } from '../support/shopper.ts';
import { movementsOf, orderRow } from '../support/trades.ts';
import { until } from '../support/until.ts';
import { startWechat, type Wechat } from '../support/wechat.ts';

describe('money that arrives for a cancelled order', () => {
  let wechat: Wechat;
  let shop: TestApp;
  let refunds: PlayedRefunds;
  beforeAll(async () => {
    wechat = await startWechat();
    shop = await startApp({
      ...wechat.env,
      PAYMENT_POLL_FIRST: '100ms',
      PAYMENT_POLL_INTERVAL: '50ms',
      ORDER_LATE_REFUND_RETRY: '50ms',
    });
    refunds = playRefunds(shop);
  });
  afterAll(async () => {
    await shop.stop();
    await wechat.stop();
  });

  async function cancelled(): Promise<OrderBody> {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId, 2);
    expect((await shopper.post(`/orders/${order.id}/cancel`)).status).toBe(200);
    return order;
  }

  async function expectGivenBackOnce({ id, number, amounts, items }: OrderBody): Promise<void> {
    const refundNo = `${number}-late`;
    await until('the money is back', async () => (await refundsOf(shop, number))[0]?.status === 'succeeded');
    await until('no event is left', async () => {
      const sql = `select 1 from outbox where payload->>'reference' = $1 or payload->>'refundNo' = $2`;
      return (await shop.database.query(sql, [number, refundNo])).rows.length === 0;
    });
    expect(await refundsOf(shop, number)).toEqual([
      { refundNo, status: 'succeeded', amountFen: amounts.totalFen },
    ]);
    expect(new Set(refunds.requests.filter(text => text.includes(refundNo))).size).toBe(1);
    expect((await orderRow(shop, id)).status).toBe('cancelled');
    expect(await movementsOf(shop, id)).toEqual({ reserve: 1, release: 1 });
    expect(await stockOf(shop.database, items[0]!.skuId)).toEqual({ onHand: 10, reserved: 0 });
  }

  it('goes back once, in full, however often and at once WeChat tells of it', async () => {
    const order = await cancelled();
    const notice = await writeNotice(shop, wechat.credentials, order.number);
    const told = await Promise.all(Array.from({ length: 8 }, () => deliver(shop, notice)));
    expect(new Set(told.map(({ status }) => status))).toEqual(new Set([204]));
    await expectGivenBackOnce(order);
    expect((await deliver(shop, notice)).status).toBe(204);
    await expectGivenBackOnce(order);
  });

  it('goes back once when its event and those who asked WeChat race for it', async () => {
    const order = await cancelled();
    const applyPayment = shop.app.get(ApplyPaymentToOrder);
    const capture = { transactionId: 'any', amountFen: order.amounts.totalFen, paidAt: new Date() };
    await shop.database.query(
      `update payments set status = 'captured', transaction_id = $1, captured_at = now() where reference = $1`,
      [order.number],
    );
    await Promise.all([
      ...Array.from({ length: 6 }, () => applyPayment.onCapture(order.number, capture)),
      applyPayment.onEvent('01a20f7c-a0c9-7225-b434-ff9f662b7cd5', order.number, capture.paidAt),
    ]);
    await expectGivenBackOnce(order);
  });

  it('goes back under another number when WeChat has closed the first', async () => {
    const order = await cancelled();
    refunds.status = 'CLOSED';
    const notice = await writeNotice(shop, wechat.credentials, order.number);
    expect((await deliver(shop, notice)).status).toBe(204);
    await until('it is asked for again', async () => (await refundsOf(shop, order.number)).length > 1);
    refunds.status = 'SUCCESS';
    const rows = await until('the money is back', async () => {
      const all = await refundsOf(shop, order.number);
      return all.at(-1)?.status === 'succeeded' && all;
    });
    const [first, second] = rows;
    expect([first, second?.refundNo]).toMatchObject([
      { refundNo: `${order.number}-late`, status: 'closed' },
      `${order.number}-late-2`,
    ]);
    expect(rows.filter(({ status }) => status !== 'closed')).toHaveLength(1);
    expect((await orderRow(shop, order.id)).status).toBe('cancelled');
  });

  it('is found by asking, and goes back, when WeChat has lost its notice too', async () => {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId, 2);
    await shopper.pay(order.id, { outcome: 'lost-callback' });
    await shop.database.query(
      `update orders set status = 'cancelled', cancelled_at = now(), cancel_reason = 'expired' where id = $1`,
      [order.id],
    );
    const row = await until('the money is back', async () => {
      const [refund] = await refundsOf(shop, order.number);
      return refund?.status === 'succeeded' && refund;
    });
    expect(row).toMatchObject({ refundNo: `${order.number}-late`, amountFen: order.amounts.totalFen });
  });
});
