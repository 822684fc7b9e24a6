import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { UploadShipping } from '../../../src/modules/order/fulfilment/fulfilment.jobs.ts';
import { OrderDesk } from '../../../src/modules/order/order.contract.ts';
import { OrderShipped } from '../../../src/modules/order/order.events.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods } from '../../support/goods.ts';
import { call } from '../../support/http.ts';
import { bullJobs, deadLettersOf, openJobs, publishNow, waitingRetry } from '../../support/jobs.ts';
import { sandboxFaults, Shopper, type OrderBody } from '../../support/shopper.ts';
import { orderRow, tradeOf } from '../../support/trades.ts';
import { until } from '../../support/until.ts';
import { startGate, type Gateway } from '../../support/wechat-gate.ts';
import { startWechat, type Wechat } from '../../support/wechat.ts';

interface Known {
  readonly parcels: readonly object[];
  readonly uploadTime: string;
  readonly times: number;
}

const path = '/wxa/sec/order/upload_shipping_info';
const shipment = { carrier: 'SF', trackingNumber: 'SF1234567890' };

describe('telling WeChat of a shipment', () => {
  let wechat: Wechat;
  let gate: Gateway;
  let shop: TestApp;
  let shopper: Shopper;
  let uploads = 0;
  /** How many of the next answers are lost behind a broken proxy, after WeChat has done its work. */
  let losses = 0;
  beforeAll(async () => {
    wechat = await startWechat();
    gate = await startGate(wechat.env['WECHAT_API_BASE_URL']!, {
      before: asked => void (asked.startsWith(path) && uploads++),
      replace: (asked, answer) =>
        asked.startsWith(path) && losses-- > 0 ? { ...answer, status: 502 } : answer,
    });
    shop = await startApp({ ...wechat.env, WECHAT_API_BASE_URL: gate.url });
    shopper = await Shopper.login(shop);
  });
  afterAll(async () => {
    await shop.stop();
    await gate.stop();
    await wechat.stop();
  });
  afterEach(async () => {
    [uploads, losses] = [0, 0];
    await sandboxFaults(shop, {});
  });

  async function paid(): Promise<OrderBody> {
    const { skuId } = await stockGoods(shop.database, { name: '小鱼干' });
    const order = await shopper.order(skuId, 2);
    await shopper.pay(order.id, { waitForNotify: true });
    await until('the order is paid', async () => (await orderRow(shop, order.id)).status === 'paid');
    return order;
  }

  async function shipped(): Promise<OrderBody> {
    const order = await paid();
    await shop.app.get(OrderDesk).ship(order.id, shipment);
    return order;
  }

  async function known({ number }: OrderBody): Promise<Known | undefined> {
    const { transaction_id } = (await tradeOf(shop, number))!;
    const answer = await call<Known>('GET', `${shop.sandboxUrl}/__sandbox/shipments/${transaction_id}`);
    return answer.status === 200 ? answer.body : undefined;
  }

  const done = ({ id }: OrderBody) =>
    until('nothing is left to do', async () => (await openJobs(shop, id)).length === 0);

  const retry = async ({ id }: OrderBody, failures: number) =>
    (await waitingRetry(shop, UploadShipping, id, failures)).promote();

  it('says what was sent for which payment, once, however often it hears of it', async () => {
    const order = await shipped();
    await done(order);
    expect(await known(order)).toMatchObject({
      parcels: [
        {
          tracking_no: 'SF1234567890',
          express_company: 'SF',
          item_desc: '小鱼干 × 2',
          contact: { receiver_contact: '138****8000' },
        },
      ],
      times: 1,
    });
    const { shippedAt } = await shop.app.get(OrderDesk).get(order.id);
    expect(Date.parse((await known(order))!.uploadTime)).toBe(Date.parse(shippedAt!));
    const news = { orderId: order.id, number: order.number, userId: shopper.userId, ...shipment };
    await Promise.all([1, 2, 3].map(() => publishNow(shop, OrderShipped, news)));
    await done(order);
    expect(uploads).toBe(1);
  });

  it('waits, and tries again, while WeChat has not heard of the payment', async () => {
    await sandboxFaults(shop, { shippingDelayMs: 3_600_000 });
    const order = await shipped();
    await retry(order, 1);
    await waitingRetry(shop, UploadShipping, order.id, 2);
    expect([await known(order), await deadLettersOf(shop, order.id)]).toEqual([undefined, []]);
    await sandboxFaults(shop, {});
    await retry(order, 2);
    await done(order);
    expect(await known(order)).toMatchObject({ times: 1 });
  });

  it('outlives a WeChat that is away for hours', async () => {
    await sandboxFaults(shop, { shippingDelayMs: 3_600_000 });
    const order = await shipped();
    const { opts } = await waitingRetry(shop, UploadShipping, order.id);
    // The last of the gaps are five minutes each, less a share drawn by lot.
    expect(opts.attempts! * 2.5).toBeGreaterThan(24 * 60);
  });

  it('loses nothing and ships nothing twice when the answers of WeChat are lost', async () => {
    losses = 2;
    const order = await shipped();
    await waitingRetry(shop, UploadShipping, order.id);
    const first = await known(order);
    losses = 0;
    await retry(order, 1);
    await done(order);
    expect(first).toMatchObject({ times: 1 });
    expect(await known(order)).toEqual(first);
  });

  it('leaves what WeChat refuses to a person at once, with the reason', async () => {
    await sandboxFaults(shop, { api: { path, errcode: 10060031 } });
    const order = await shipped();
    const [letter] = await until('it is put aside', async () => {
      const letters = await deadLettersOf(shop, order.id);
      return letters.length > 0 && letters;
    });
    expect(letter).toMatchObject({ job: 'order.upload-shipping', attempts: 1 });
    expect(letter!.error).toContain(`WeChat refuses the shipment of order ${order.number}: 10060031`);
    await until('Bull has forgotten it', async () => {
      return (await bullJobs(shop, UploadShipping, order.id)).length === 0;
    });
    await done(order);
    expect(uploads).toBe(1);
  });

  it('can be corrected once WeChat has refused it, and tells WeChat and no shopper anew', async () => {
    await sandboxFaults(shop, { api: { path, errcode: 10060031 } });
    const order = await shipped();
    await until('it is put aside', async () => (await deadLettersOf(shop, order.id)).length === 1);
    await sandboxFaults(shop, {});
    const corrected = { carrier: 'YTO', trackingNumber: 'YT1' };
    const desk = shop.app.get(OrderDesk);
    expect(await desk.ship(order.id, corrected)).toMatchObject({ status: 'shipped', shipment: corrected });
    await until('WeChat knows it', () => known(order));
    expect(JSON.stringify(await known(order))).toContain('YT1');
    await done(order);
    await expect(desk.ship(order.id, shipment)).rejects.toMatchObject({ code: 'order.not_shippable' });
  });

  it('leaves an answer that nobody has heard of to a person, too', async () => {
    await sandboxFaults(shop, { api: { path, errcode: 47001 } });
    const order = await shipped();
    await until('it is put aside', async () => (await deadLettersOf(shop, order.id)).length === 1);
    expect(await deadLettersOf(shop, order.id)).toMatchObject([
      { attempts: 1, error: expect.stringContaining('47001') as unknown },
    ]);
  });

  it('waits for the end of a refund that WeChat already knows of, and then has nothing to tell', async () => {
    await sandboxFaults(shop, { api: { path, errcode: 10060001 } });
    const order = await shipped();
    await waitingRetry(shop, UploadShipping, order.id);
    await shopper.post(`/orders/${order.id}/refunds`, { reason: '破损' }, { key: true });
    await sandboxFaults(shop, { api: { path, errcode: 10060004 } });
    await retry(order, 1);
    await waitingRetry(shop, UploadShipping, order.id, 2);
    await shop.database.query(
      `update orders set status = 'refunded', refunding_from = null, refunded_at = now() where id = $1`,
      [order.id],
    );
    const before = uploads;
    await retry(order, 2);
    await done(order);
    expect([uploads, await deadLettersOf(shop, order.id)]).toEqual([before, []]);
  });
});
