import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContentCheck } from '../../../src/platform/wechat/mini-program/content-check.ts';
import { PayBills } from '../../../src/platform/wechat/pay/pay-bills.ts';
import { PayRefunds } from '../../../src/platform/wechat/pay/pay-refunds.ts';
import { ShippingInfo, type Shipment } from '../../../src/platform/wechat/mini-program/shipping-info.ts';
import { SubscribeMessages } from '../../../src/platform/wechat/mini-program/subscribe-messages.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods } from '../../support/goods.ts';
import { call } from '../../support/http.ts';
import { loginCode, sandboxFaults, Shopper, type OrderBody } from '../../support/shopper.ts';
import { tradeOf } from '../../support/trades.ts';
import { until } from '../../support/until.ts';
import { startWechat, type Wechat } from '../../support/wechat.ts';

/** Each is written from the documents and tested alone; here the one talks to the other. */
describe('our client of WeChat and its stand-in', () => {
  let wechat: Wechat;
  let shop: TestApp;
  let shopper: Shopper;
  let skuId: string;
  beforeAll(async () => {
    wechat = await startWechat({ refundDelayMs: 0 });
    shop = await startApp(wechat.env);
    shopper = await Shopper.login(shop);
    ({ skuId } = await stockGoods(shop.database, { onHand: 100 }));
  });
  afterAll(async () => {
    await shop.stop();
    await wechat.stop();
  });

  async function paidOrder(): Promise<OrderBody> {
    const order = await shopper.order(skuId);
    await shopper.pay(order.id, { waitForNotify: true });
    return order;
  }

  function refundRequest({ number, amounts }: OrderBody, refundFen: number): string {
    const amount = { refund: refundFen, total: amounts.totalFen, currency: 'CNY' };
    return JSON.stringify({ out_trade_no: number, out_refund_no: `R${number}`, amount });
  }

  it('agree on refunds', async () => {
    const refunds = shop.app.get(PayRefunds, { strict: false });
    const order = await paidOrder();
    const outRefundNo = `R${order.number}`;
    await expect(refunds.query(outRefundNo)).rejects.toMatchObject({ code: 'wechat.refund_unknown' });
    const request = refundRequest(order, 1);
    expect(await refunds.request(request)).toMatchObject({
      outRefundNo,
      outTradeNo: order.number,
      amountFen: 1,
      totalFen: order.amounts.totalFen,
    });
    const done = await until('the refund is done', async () => {
      const refund = await refunds.query(outRefundNo);
      return refund.status === 'SUCCESS' && refund;
    });
    expect(done.successTime).toBeInstanceOf(Date);
    expect((await refunds.request(request)).refundId).toBe(done.refundId);
    await expect(refunds.request(refundRequest(order, 2))).rejects.toMatchObject({
      code: 'wechat.refund_refused',
      details: { reason: 'conflict' },
    });
    expect((await tradeOf(shop, order.number))?.trade_state).toBe('REFUND');
  });

  it('agree on bills', async () => {
    const bills = shop.app.get(PayBills, { strict: false });
    const order = await paidOrder();
    await shop.app.get(PayRefunds, { strict: false }).request(refundRequest(order, 1));
    const inChina = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    await expect(bills.download(inChina)).rejects.toMatchObject({ code: 'wechat.refused' });
    await sandboxFaults(shop, { billsAtOnce: true });
    const rows = (await bills.download(inChina)).filter(({ outTradeNo }) => outTradeNo === order.number);
    expect(rows).toHaveLength(2);
    const payment = { kind: 'payment', amountFen: order.amounts.totalFen, payerOpenid: shopper.openid };
    expect(rows).toContainEqual(expect.objectContaining(payment));
    const refund = { kind: 'refund', amountFen: 1, outRefundNo: `R${order.number}` };
    expect(rows).toContainEqual(expect.objectContaining(refund));
    const { transaction_id } = (await tradeOf(shop, order.number))!;
    expect(new Set(rows.map(({ transactionId }) => transactionId))).toEqual(new Set([transaction_id]));
    await sandboxFaults(shop, {});
  });

  it('agree on shipping', async () => {
    const shipping = shop.app.get(ShippingInfo, { strict: false });
    const order = await paidOrder();
    const shipment: Shipment = {
      transactionId: (await tradeOf(shop, order.number))!.transaction_id!,
      payerOpenid: shopper.openid,
      logisticsType: 'express',
      trackingNo: 'SF1234567890',
      expressCompany: 'SF',
      itemDescription: '🐟'.repeat(200),
      contactMasked: '138****8000',
      uploadedAt: new Date(),
    };
    await sandboxFaults(shop, { shippingDelayMs: 3_600_000 });
    expect(await shipping.upload(shipment)).toEqual({ status: 'not_yet_known' });
    await sandboxFaults(shop, {});
    const stranger = await shipping.upload({ ...shipment, payerOpenid: 'somebody' });
    expect(stranger).toMatchObject({ status: 'refused', errcode: 10060031 });
    expect(await shipping.upload(shipment)).toEqual({ status: 'uploaded' });
    expect(await shipping.upload(shipment)).toEqual({ status: 'unchanged' });
    expect(await shipping.upload({ ...shipment, trackingNo: 'SF2' })).toEqual({ status: 'uploaded' });
    const third = await shipping.upload({ ...shipment, trackingNo: 'SF3' });
    expect(third).toMatchObject({ status: 'refused', errcode: 10060003 });
  });

  it('agree on subscribe messages', async () => {
    const messages = shop.app.get(SubscribeMessages, { strict: false });
    const grant = (count: number) =>
      call('POST', `${shop.sandboxUrl}/__sandbox/subscriptions`, {
        body: { openid: shopper.openid, templateId: 'T-shipped', count },
      });
    const message = {
      openid: shopper.openid,
      templateId: 'T-shipped',
      page: 'pages/order/detail?id=1',
      data: {
        thing1: '很长的名字'.repeat(10),
        character_string2: '顺丰SF1',
        phrase3: '已经发货了吗',
        amount4: '¥19.90',
      },
    };
    await expect(messages.send(message)).rejects.toMatchObject({ errcode: 40037 });
    await grant(1);
    expect(await messages.send(message)).toBe('sent');
    expect(await messages.send(message)).toBe('no_grant');
    await grant(1);
    const wrong = messages.send({ ...message, data: { amount4: '免费' } });
    await expect(wrong).rejects.toMatchObject({
      reason: expect.stringContaining('data.amount4.value') as unknown,
    });
  });

  it('agree on what may be shown', async () => {
    const check = shop.app.get(ContentCheck, { strict: false });
    const judge = (content: string) => check.checkText({ openid: shopper.openid, content, scene: 'comment' });
    expect([await judge('很好吃'), await judge('可疑'), await judge('违规')]).toEqual([
      'pass',
      'review',
      'risky',
    ]);
    const { openid } = await loginCode(shop);
    const away = check.checkText({ openid, content: '很好吃', scene: 'profile' });
    await expect(away).rejects.toMatchObject({ code: 'wechat.shopper_away' });
  });
});
