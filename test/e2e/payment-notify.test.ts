import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asSignTest, certificateMode, publicKeyMode } from '../../tools/wechat-sandbox/pay-signature.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { stockGoods, stockOf } from '../support/goods.ts';
import { deliver, signed, writeNotice, type Message, type NoticeOptions } from '../support/notice.ts';
import { flawOf } from '../support/problems.ts';
import { Shopper, type OrderBody } from '../support/shopper.ts';
import { movementsOf, orderRow } from '../support/trades.ts';
import { until } from '../support/until.ts';
import { startWechat, type Wechat } from '../support/wechat.ts';

const minuteMs = 60_000;
const strangerKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

describe('a payment notice', () => {
  let wechat: Wechat;
  let shop: TestApp;
  let shopper: Shopper;
  let skuId: string;
  beforeAll(async () => {
    wechat = await startWechat();
    shop = await startApp(wechat.env);
    shopper = await Shopper.login(shop);
    ({ skuId } = await stockGoods(shop.database, { onHand: 500 }));
  });
  afterAll(async () => {
    await shop.stop();
    await wechat.stop();
  });

  const write = (number: string, options?: NoticeOptions) =>
    writeNotice(shop, wechat.credentials, number, options);

  const becomesPaid = ({ id }: OrderBody) =>
    until('the order is paid', async () => (await orderRow(shop, id)).status === 'paid');

  async function paymentOf(number: string): Promise<{ status: string; transactionId: string | null }> {
    const sql = 'select status, transaction_id as "transactionId" from payments where reference = $1';
    return (await shop.database.query<{ status: string; transactionId: string | null }>(sql, [number]))
      .rows[0]!;
  }

  /** No delivery of the event is left: its job has taken effect. */
  async function isTaken(number: string): Promise<boolean> {
    const sql = `select 1 from outbox where payload->>'reference' = $1`;
    const { status } = await paymentOf(number);
    return status === 'captured' && (await shop.database.query(sql, [number])).rows.length === 0;
  }

  async function expectRefused(message: Message, { id, number }: OrderBody): Promise<void> {
    const answer = await deliver(shop, message);
    expect(flawOf(answer)).toBeUndefined();
    expect(await paymentOf(number)).toEqual({ status: 'created', transactionId: null });
    expect((await orderRow(shop, id)).status).toBe('awaiting_payment');
    expect(await movementsOf(shop, id)).toEqual({ reserve: 1 });
  }

  it('makes the order paid, as a control for everything refused below', async () => {
    const order = await shopper.order(skuId);
    expect((await deliver(shop, await write(order.number))).status).toBe(204);
    await becomesPaid(order);
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1, commit: 1 });
  });

  it('is believed when signed with the platform certificate, too', async () => {
    const order = await shopper.order(skuId);
    const message = await write(order.number, { key: certificateMode(wechat.credentials) });
    expect((await deliver(shop, message)).status).toBe(204);
    await becomesPaid(order);
  });

  it('takes effect once, however often and however concurrently it comes', async () => {
    const order = await shopper.order(skuId, 2);
    const before = await stockOf(shop.database, skuId);
    const message = await write(order.number);
    const others = await Promise.all(Array.from({ length: 4 }, () => write(order.number)));
    const answers = await Promise.all(
      [message, message, message, message, message, ...others].map(each => deliver(shop, each)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    await becomesPaid(order);
    expect((await deliver(shop, message)).status).toBe(204);
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1, commit: 1 });
    const after = await stockOf(shop.database, skuId);
    expect(before.onHand - after.onHand).toBe(2);
  });

  it('changes nothing about money that has arrived, even with another transaction id', async () => {
    const order = await shopper.order(skuId);
    await deliver(shop, await write(order.number));
    await becomesPaid(order);
    const first = await paymentOf(order.number);
    await deliver(shop, await write(order.number, { trade: { transaction_id: '420000000000' } }));
    expect(await paymentOf(order.number)).toEqual(first);
  });

  it('keeps note of money for a cancelled order without giving it the stock back', async () => {
    const order = await shopper.order(skuId);
    await shopper.post(`/orders/${order.id}/cancel`);
    expect((await deliver(shop, await write(order.number))).status).toBe(204);
    expect((await paymentOf(order.number)).status).toBe('captured');
    await until('the news has been taken', () => isTaken(order.number));
    expect((await orderRow(shop, order.id)).status).toBe('cancelled');
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1, release: 1 });
  });

  it.each<[string, (credentials: Wechat['credentials']) => NoticeOptions]>([
    [
      'signed by somebody else',
      ({ publicKeyId }) => ({ key: { serial: publicKeyId, privateKey: strangerKey } }),
    ],
    ['signed by ourselves', c => ({ key: { serial: c.publicKeyId, privateKey: c.merchantPrivateKey } })],
    [
      'signed with the certificate under the name of the key',
      c => ({ key: { serial: c.publicKeyId, privateKey: c.certificatePrivateKey } }),
    ],
    [
      'of an unknown key',
      c => ({ key: { serial: `PUB_KEY_ID_${'0'.repeat(32)}`, privateKey: c.publicKeyPrivateKey } }),
    ],
    ['of an unknown certificate', () => ({ key: { serial: 'A'.repeat(40), privateKey: strangerKey } })],
    ['older than five minutes', () => ({ ageMs: 6 * minuteMs })],
    ['from the future', () => ({ ageMs: -6 * minuteMs })],
    ['sealed with another key', () => ({ apiV3Key: 'x'.repeat(32) })],
    ['about another kind of event', () => ({ envelope: { event_type: 'REFUND.SUCCESS' } })],
    ['without a resource', () => ({ envelope: { resource: null } })],
    [
      'with another algorithm',
      () => ({ envelope: { resource: { algorithm: 'none', ciphertext: '', nonce: '' } } }),
    ],
    ['with a fen too little', () => ({ trade: { amount: { total: 1, payer_total: 1, currency: 'CNY' } } })],
    ['without an amount', () => ({ trade: { amount: {} } })],
    ['in another currency', () => ({ trade: { amount: { total: 2_790, currency: 'USD' } } })],
    ['from another payer', () => ({ trade: { payer: { openid: 'somebody' } } })],
    ['without a payer', () => ({ trade: { payer: {} } })],
    ['for another mini-program', () => ({ trade: { appid: 'wx0000000000000000' } })],
    ['for another merchant', () => ({ trade: { mchid: '1' } })],
    ['about an unknown order', () => ({ trade: { out_trade_no: '20260101UNKNOWN0' } })],
    ['of a trade that is not paid', () => ({ trade: { trade_state: 'NOTPAY' } })],
    ['of a trade that was closed', () => ({ trade: { trade_state: 'CLOSED' } })],
    ['of a trade whose payment failed', () => ({ trade: { trade_state: 'PAYERROR' } })],
    ['of a state that nobody knows', () => ({ trade: { trade_state: 'WON' } })],
    ['without a transaction', () => ({ trade: { transaction_id: undefined } })],
  ])('is refused %s', async (_, options) => {
    const order = await shopper.order(skuId);
    await expectRefused(await write(order.number, options(wechat.credentials)), order);
  });

  it.each<[string, (message: Message) => Message]>([
    ['as a signature test', ({ headers, body }) => ({ headers: asSignTest(headers), body })],
    ['with a changed byte', ({ headers, body }) => ({ headers, body: body.replace('支付', '支付 ') })],
    [
      'written again with other spaces',
      ({ headers, body }) => ({ headers, body: JSON.stringify(JSON.parse(body), null, 1) }),
    ],
    [
      'with a nonce of another message',
      ({ headers, body }) => ({ headers: { ...headers, 'Wechatpay-Nonce': 'abc' }, body }),
    ],
    [
      'with a fresh time on an old signature',
      ({ headers, body }) => ({
        headers: { ...headers, 'Wechatpay-Timestamp': String(Math.floor(Date.now() / 1000) + 1) },
        body,
      }),
    ],
    [
      'with a time that is none',
      ({ headers, body }) => ({ headers: { ...headers, 'Wechatpay-Timestamp': '1e9' }, body }),
    ],
    [
      'with an empty signature',
      ({ headers, body }) => ({ headers: { ...headers, 'Wechatpay-Signature': '=' }, body }),
    ],
    ['without any signature', ({ body }) => ({ headers: { 'content-type': 'application/json' }, body })],
    ['with nothing in it', ({ headers }) => ({ headers, body: '' })],
  ])('is refused %s', async (_, change) => {
    const order = await shopper.order(skuId);
    await expectRefused(change(await write(order.number)), order);
  });

  it.each([
    'not JSON',
    '[]',
    'null',
    '"text"',
    '{}',
    `{"id":"${'x'.repeat(100)}"}`,
    '{"id":1,"event_type":2,"resource":3}',
  ])('is refused though well signed when it says %s', async body => {
    const answer = await deliver(shop, signed(publicKeyMode(wechat.credentials), body));
    expect(flawOf(answer)).toBeUndefined();
  });

  it('is refused when it is replayed after five minutes, and harmless before', async () => {
    const order = await shopper.order(skuId);
    await deliver(shop, await write(order.number));
    await becomesPaid(order);
    const old = await write(order.number, { ageMs: 5.5 * minuteMs });
    expect(flawOf(await deliver(shop, old))).toBeUndefined();
    const recent = await write(order.number, { ageMs: 4 * minuteMs });
    expect((await deliver(shop, recent)).status).toBe(204);
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1, commit: 1 });
  });
});
