import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PaymentRepository } from '../../../src/modules/payment/payment.repository.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods } from '../../support/goods.ts';
import { sandboxFaults, Shopper } from '../../support/shopper.ts';
import { movementsOf, orderRow } from '../../support/trades.ts';
import { until } from '../../support/until.ts';
import { startWechat, type Wechat } from '../../support/wechat.ts';

const gaps = { firstMs: 60_000, longestMs: 600_000, limit: 100 };

describe('payments that WeChat has to be asked about', () => {
  let shop: TestApp;
  let skuId: string;
  let shopper: Shopper;
  let payments: PaymentRepository;
  beforeAll(async () => {
    shop = await startApp({ QUEUE_CONSUME: 'false' });
    ({ skuId } = await stockGoods(shop.database, { onHand: 100 }));
    shopper = await Shopper.login(shop);
    payments = shop.app.get(PaymentRepository);
  });
  afterAll(() => shop.stop());

  const makeDue = () =>
    shop.database.query(`update payments set next_check_at = now() - interval '1 second'`);

  it('are taken by one of many pollers, and only while they are started and open', async () => {
    const started = await Promise.all(Array.from({ length: 8 }, () => shopper.order(skuId)));
    for (const { id } of started) await shopper.post(`/orders/${id}/payment`);
    const [unstarted, ended] = [await shopper.order(skuId), await shopper.order(skuId)];
    await shopper.post(`/orders/${ended.id}/payment`);
    await shopper.post(`/orders/${ended.id}/cancel`);
    expect(await payments.claimDue(gaps)).toEqual([]);
    await shop.database.query(
      `update payments set next_check_at = now() - interval '1 second' where prepay_requested_at is not null`,
    );
    const claims = await Promise.all(
      Array.from({ length: 5 }, () => payments.claimDue({ ...gaps, limit: 3 })),
    );
    expect(claims.flat().sort()).toEqual(started.map(({ number }) => number).sort());
    expect(claims.flat()).not.toContain(unstarted.number);
    expect(await payments.claimDue(gaps)).toEqual([]);
    await shop.database.query('delete from payments');
  });

  it('are left alone for longer and longer, until the shopper starts again', async () => {
    const order = await shopper.order(skuId);
    await shopper.post(`/orders/${order.id}/payment`);
    const gapSeconds = async (): Promise<number> => {
      await makeDue();
      expect(await payments.claimDue(gaps)).toEqual([order.number]);
      return nextInSeconds();
    };
    const nextInSeconds = async (): Promise<number> => {
      const { rows } = await shop.database.query<{ gap: number }>(
        'select round(extract(epoch from next_check_at - checked_at))::int as gap from payments where reference = $1',
        [order.number],
      );
      return rows[0]!.gap;
    };
    expect([await gapSeconds(), await gapSeconds(), await gapSeconds()]).toEqual([240, 600, 600]);
    await shopper.post(`/orders/${order.id}/payment`);
    expect(await gapSeconds()).toBe(240);
  });
});

describe('a payment whose notice is lost', () => {
  let wechat: Wechat;
  let shop: TestApp;
  beforeAll(async () => {
    wechat = await startWechat();
    shop = await startApp({
      ...wechat.env,
      PAYMENT_POLL_FIRST: '100ms',
      PAYMENT_POLL_LONGEST: '500ms',
      PAYMENT_POLL_INTERVAL: '50ms',
    });
  });
  afterAll(async () => {
    await shop.stop();
    await wechat.stop();
  });

  const becomesPaid = (id: string) =>
    until('the order is paid though nobody looks', async () => (await orderRow(shop, id)).status === 'paid');

  it('is found although nobody looks at the order', async () => {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    await shopper.pay(order.id, { outcome: 'lost-callback' });
    await becomesPaid(order.id);
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1, commit: 1 });
  });

  it('is found also when WeChat does not answer the first questions', async () => {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    await sandboxFaults(shop, {
      pay: { path: '/v3/pay/transactions/out-trade-no/', status: 404, code: 'ORDER_NOT_EXIST', remaining: 2 },
    });
    await shopper.pay(order.id, { outcome: 'lost-callback' });
    await becomesPaid(order.id);
  });
});
