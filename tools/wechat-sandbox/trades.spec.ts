import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOUR_MS } from './clock.ts';
import { callPay, control, paymentParams, prepayBody } from './merchant.fake.ts';
import { createSandbox } from './sandbox.ts';
import { transitions } from './trades.ts';

let skewMs = 0;
const sandbox = createSandbox({ now: () => Date.now() + skewMs });
let openid = '';

beforeAll(async () => {
  await sandbox.listen();
  openid = String((await control(sandbox, 'login-codes', {})).body['openid']);
  await control(sandbox, 'faults', { notify: { lost: true } });
});
beforeEach(() => {
  skewMs = 0;
});
afterAll(() => sandbox.close());

type Order = Readonly<Record<string, unknown>>;

const order = (change: object = {}): Order => prepayBody(sandbox.env, openid, change);
const numberOf = (body: Order) => String(body['out_trade_no']);
const mchid = () => sandbox.env['WECHAT_PAY_MCH_ID'];

function prepay(body: Order) {
  return callPay(sandbox, { path: '/v3/pay/transactions/jsapi', body, nowMs: Date.now() + skewMs });
}

function query(path: string) {
  return callPay(sandbox, { path: `/v3/pay/transactions/${path}?mchid=${mchid()}` });
}

function close(body: Order) {
  const path = `/v3/pay/transactions/out-trade-no/${numberOf(body)}/close`;
  return callPay(sandbox, { path, body: { mchid: mchid() } });
}

async function pay(body: Order, change: object = {}) {
  const { body: answer } = await prepay(body);
  return control(sandbox, 'payments', { ...paymentParams(sandbox.env, answer['prepay_id']), ...change });
}

describe('prepay refuses', () => {
  const long = (count: number) => '鱼'.repeat(count);
  it.each([
    ['a field nobody knows', { extra: 1 }, '/extra'],
    ['a null', { attach: null }, '/attach'],
    ['a description of 128 characters', { description: long(128) }, '/description'],
    ['an empty description', { description: '' }, '/description'],
    ['an emoji', { description: '小鱼🐟' }, '/description'],
    ['no description', { description: undefined }, '/description'],
    ['a short number', { out_trade_no: 'A1234' }, '/out_trade_no'],
    ['a long number', { out_trade_no: 'A'.repeat(33) }, '/out_trade_no'],
    ['a number with a space', { out_trade_no: 'A 12345' }, '/out_trade_no'],
    ['a long attach', { attach: 'a'.repeat(129) }, '/attach'],
    ['nothing to pay', { amount: { total: 0 } }, '/amount/total'],
    ['a broken fen', { amount: { total: 1.5 } }, '/amount/total'],
    ['an amount as text', { amount: { total: '100' } }, '/amount/total'],
    ['another currency', { amount: { total: 1, currency: 'USD' } }, '/amount/currency'],
    ['a stranger', { payer: { openid: 'nobody' } }, '/payer/openid'],
    ['a plain http notify URL', { notify_url: 'http://shop.example/notify' }, '/notify_url'],
    ['a host that only looks like loopback', { notify_url: 'http://127.shop.example/notify' }, '/notify_url'],
    ['a notify URL with a query', { notify_url: 'https://shop.example/notify?a=1' }, '/notify_url'],
    ['no URL at all', { notify_url: 'notify' }, '/notify_url'],
    ['a time without offset', { time_expire: '2030-01-01T00:00:00' }, '/time_expire'],
    ['a time that is none', { time_expire: '2030-13-41T00:00:00+08:00' }, '/time_expire'],
    ['another merchant in the body', { mchid: '1900000001' }, 'mchid'],
  ])('%s', async (_, change, field) => {
    const answer = await prepay(order(change));
    expect([answer.status, answer.body['code']]).toEqual([400, 'PARAM_ERROR']);
    expect(answer.body['detail']).toMatchObject({ field, location: 'body' });
  });

  it('an app that is not bound to the merchant', async () => {
    const answer = await prepay(order({ appid: 'wx0000000000000000' }));
    expect([answer.status, answer.body['code']]).toEqual([400, 'APPID_MCHID_NOT_MATCH']);
  });
});

describe('the same out_trade_no again', () => {
  it('gives a fresh prepay_id for the same parameters, in any order of fields', async () => {
    const body = order();
    const first = await prepay(body);
    const second = await prepay(Object.fromEntries(Object.entries(body).reverse()));
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body['prepay_id']).not.toBe(first.body['prepay_id']);
  });

  it('is refused for a changed amount, number by number', async () => {
    const body = order();
    await prepay(body);
    const answer = await prepay({ ...body, amount: { total: 1, currency: 'CNY' } });
    expect([answer.status, answer.body['code']]).toEqual([400, 'INVALID_REQUEST']);
    expect(answer.headers.get('request-id')).toMatch(/-268498688$/);
  });

  it('is refused after payment and after closing', async () => {
    const [paid, closed] = [order(), order()];
    await pay(paid);
    await prepay(closed);
    await close(closed);
    const answers = [await prepay(paid), await prepay(closed)];
    expect(answers.map(answer => [answer.status, answer.body['code']])).toEqual([
      [400, 'INVALID_REQUEST'],
      [400, 'ORDER_CLOSED'],
    ]);
    expect(answers[0]?.headers.get('request-id')).toMatch(/-268449538$/);
  });
});

describe('a trade', () => {
  it('shows payer and transaction only once it is paid', async () => {
    const body = order({ attach: 'shelf 7' });
    await prepay(body);
    const before = await query(`out-trade-no/${numberOf(body)}`);
    expect(before.body).toMatchObject({ trade_state: 'NOTPAY', out_trade_no: numberOf(body) });
    for (const late of ['transaction_id', 'payer', 'success_time', 'attach'])
      expect(before.body).not.toHaveProperty(late);
    const { body: result } = await pay(body);
    const after = await query(`id/${String(result['transactionId'])}`);
    expect(after.body).toMatchObject({
      trade_state: 'SUCCESS',
      trade_type: 'JSAPI',
      transaction_id: result['transactionId'],
      attach: 'shelf 7',
      payer: { openid },
      amount: { total: 1990, payer_total: 1990, currency: 'CNY' },
    });
    expect(after.body['success_time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
  });

  it('is found only with the merchant named and only when it exists', async () => {
    const path = `/v3/pay/transactions/out-trade-no/${numberOf(order())}`;
    expect((await callPay(sandbox, { path })).body['code']).toBe('PARAM_ERROR');
    const missing = await callPay(sandbox, { path: `${path}?mchid=${mchid()}` });
    expect([missing.status, missing.body['code']]).toEqual([404, 'ORDER_NOT_EXIST']);
    expect((await query('id/4200000000')).status).toBe(404);
  });

  it('is found under a number with reserved characters, escaped or not', async () => {
    const body = order({ out_trade_no: `a|b*c-${Date.now()}` });
    await prepay(body);
    const answer = await query(`out-trade-no/${encodeURIComponent(numberOf(body))}`);
    expect(answer.body['out_trade_no']).toBe(numberOf(body));
  });

  it('stays open, by a fault, although it was said to be closed, and can be paid', async () => {
    const body = order();
    const params = paymentParams(sandbox.env, (await prepay(body)).body['prepay_id']);
    await control(sandbox, 'faults', { pay: { closeIgnored: true }, notify: { lost: true } });
    expect((await close(body)).status).toBe(204);
    await control(sandbox, 'faults', { notify: { lost: true } });
    expect((await control(sandbox, 'payments', params)).status).toBe(200);
    expect((await close(body)).body['code']).toBe('ORDER_PAID');
  });

  it('closes repeatedly while unpaid, never once paid', async () => {
    const [open, paid] = [order(), order()];
    await prepay(open);
    await pay(paid);
    expect([(await close(open)).status, (await close(open)).status]).toEqual([204, 204]);
    expect((await query(`out-trade-no/${numberOf(open)}`)).body['trade_state']).toBe('CLOSED');
    const refused = await close(paid);
    expect([refused.status, refused.body['code']]).toEqual([400, 'ORDER_PAID']);
    expect((await close(order())).body['code']).toBe('ORDER_NOT_EXIST');
  });

  it('stays NOTPAY past its time_expire, but the phone cannot pay it', async () => {
    const body = order({ time_expire: undefined });
    await prepay(body);
    skewMs = 8 * 24 * HOUR_MS;
    const tooLate = await prepay(body);
    expect(tooLate.headers.get('request-id')).toMatch(/-268447914$/);
    skewMs = 0;
    expect((await query(`out-trade-no/${numberOf(body)}`)).body['trade_state']).toBe('NOTPAY');
  });

  it('has no way out of being paid but a refund, and no way back from there', () => {
    expect(transitions.SUCCESS).toEqual({ refund: 'REFUND' });
    expect(transitions.REFUND).toEqual({ refund: 'REFUND' });
  });
});

describe('the phone', () => {
  it('leaves the trade unpaid when the person cancels', async () => {
    const body = order();
    expect((await pay(body, { outcome: 'cancelled' })).body).toEqual({
      outcome: 'cancelled',
      outTradeNo: numberOf(body),
    });
    expect((await query(`out-trade-no/${numberOf(body)}`)).body['trade_state']).toBe('NOTPAY');
  });

  it.each([
    ['a wrong paySign', { paySign: 'AAAA' }],
    ['a package that was not signed', { package: 'prepay_id=other' }],
    ['MD5', { signType: 'MD5' }],
    ['a timeStamp as a number', { timeStamp: 1_700_000_000 }],
    ['an app that was not signed', { appId: 'wx0000000000000000' }],
  ])('refuses %s', async (_, change) => {
    const body = order();
    const answer = await pay(body, change);
    expect(answer.status).toBe(400);
    expect(answer.body['message']).toBeTypeOf('string');
    expect((await query(`out-trade-no/${numberOf(body)}`)).body['trade_state']).toBe('NOTPAY');
  });

  it('refuses a prepay_id that is two hours old, unknown, closed or already used', async () => {
    const body = order({ time_expire: undefined });
    const { body: answer } = await prepay(body);
    const params = () => paymentParams(sandbox.env, answer['prepay_id']);
    skewMs = 2 * HOUR_MS;
    expect((await control(sandbox, 'payments', params())).status).toBe(400);
    skewMs = 0;
    expect((await control(sandbox, 'payments', params())).status).toBe(200);
    expect((await control(sandbox, 'payments', params())).status).toBe(400);
    expect((await control(sandbox, 'payments', paymentParams(sandbox.env, 'unknown'))).status).toBe(400);
  });
});
