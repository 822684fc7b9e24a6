import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DAY_MS } from './clock.ts';
import { createCredentials } from './credentials.ts';
import type { Delivery } from './delivery.ts';
import { callPay, control, paymentParams, prepayBody } from './merchant.fake.ts';
import { settlements } from './refund.ts';
import { createSandbox } from './sandbox.ts';
import { isSigned, openShop, unseal, type ReceivedNotice } from './shop.fake.ts';

type Json = Readonly<Record<string, unknown>>;

const path = '/v3/refund/domestic/refunds';
const credentials = createCredentials(Date.now());
let skewMs = 0;
/** Nothing settles by itself while a test looks. */
const sandbox = createSandbox({
  credentials,
  now: () => Date.now() + skewMs,
  refundDelayMs: 3_600_000,
  retryFactor: 0.001,
});
let openid = '';
let shop: Awaited<ReturnType<typeof openShop>>;

beforeAll(async () => {
  await sandbox.listen();
  openid = String((await control(sandbox, 'login-codes', {})).body['openid']);
});
beforeEach(async () => {
  skewMs = 0;
  shop = await openShop();
});
afterEach(async () => {
  await control(sandbox, 'faults', {});
  shop.close();
});
afterAll(() => sandbox.close());

/** A paid trade of 1990 fen whose payment nobody was told of. */
async function paid(change: object = {}): Promise<Json> {
  const body = prepayBody(sandbox.env, openid, { notify_url: shop.notifyUrl, ...change });
  const { body: answer } = await callPay(sandbox, { path: '/v3/pay/transactions/jsapi', body });
  const params = paymentParams(sandbox.env, answer['prepay_id']);
  const { body: payment } = await control(sandbox, 'payments', { ...params, outcome: 'lost-callback' });
  return { out_trade_no: body['out_trade_no'], transaction_id: payment['transactionId'] };
}

let numbers = 0;
function refundOf(trade: Json, refund: number, change: object = {}): Json {
  const { out_trade_no } = trade;
  const amount = { refund, total: 1990, currency: 'CNY' };
  return { out_trade_no, out_refund_no: `R${Date.now()}-${++numbers}`, reason: '不要了', amount, ...change };
}

function request(body: Json) {
  return callPay(sandbox, { path, body, nowMs: Date.now() + skewMs });
}

function query(body: Json) {
  return callPay(sandbox, { path: `${path}/${String(body['out_refund_no'])}` });
}

function settle(body: Json, outcome: string) {
  const outRefundNo = body['out_refund_no'];
  return control(sandbox, 'refunds', { outRefundNo, outcome, waitForNotify: true });
}

function plain(notice: ReceivedNotice | undefined): Json {
  if (!notice) throw new Error('no notice');
  return JSON.parse(unseal(credentials.apiV3Key, notice.body.resource)) as Json;
}

async function tradeState({ out_trade_no }: Json): Promise<unknown> {
  const mchid = sandbox.env['WECHAT_PAY_MCH_ID'];
  const byNo = `/v3/pay/transactions/out-trade-no/${String(out_trade_no)}?mchid=${mchid}`;
  return (await callPay(sandbox, { path: byNo })).body['trade_state'];
}

describe('a refund', () => {
  it('is accepted first and done later, and the trade is in refund from the start', async () => {
    const trade = await paid();
    const body = refundOf(trade, 500);
    const accepted = await request(body);
    expect(accepted.status).toBe(200);
    expect(accepted.body).toMatchObject({
      out_refund_no: body['out_refund_no'],
      ...trade,
      status: 'PROCESSING',
      amount: { refund: 500, total: 1990, payer_refund: 500, currency: 'CNY' },
    });
    expect(accepted.body).not.toHaveProperty('success_time');
    expect(await tradeState(trade)).toBe('REFUND');
    await settle(body, 'success');
    expect((await query(body)).body).toMatchObject({
      status: 'SUCCESS',
      refund_id: accepted.body['refund_id'],
    });
    expect((await query(body)).body['success_time']).toMatch(/\+08:00$/);
  });

  it('settles by itself after a while', async () => {
    const quick = createSandbox({ credentials, refundDelayMs: 0 });
    await quick.listen();
    const user = String((await control(quick, 'login-codes', {})).body['openid']);
    const order = prepayBody(quick.env, user, { notify_url: shop.notifyUrl });
    const prepaid = await callPay(quick, { path: '/v3/pay/transactions/jsapi', body: order });
    const params = paymentParams(quick.env, prepaid.body['prepay_id']);
    await control(quick, 'payments', { ...params, outcome: 'lost-callback' });
    const body = refundOf(order, 1990);
    await callPay(quick, { path, body });
    await vi.waitFor(
      () => expect(plain(shop.received[0])).toMatchObject({ refund_status: 'SUCCESS' }),
      5_000,
    );
    await quick.close();
  });

  it('is the same one under the same number, in any order of fields', async () => {
    const body = refundOf(await paid(), 500);
    const first = await request(body);
    const again = await request(Object.fromEntries(Object.entries(body).reverse()));
    expect(again.body['refund_id']).toBe(first.body['refund_id']);
    await settle(body, 'success');
    expect((await request(body)).body['status']).toBe('SUCCESS');
  });

  it('may name the trade by WeChat’s number', async () => {
    const { transaction_id, ...trade } = await paid();
    const body = refundOf(trade, 1, { out_trade_no: undefined, transaction_id });
    expect((await request(body)).body).toMatchObject(trade);
  });

  it('leaves a paid trade neither payable nor closable', async () => {
    const trade = await paid();
    await request(refundOf(trade, 1));
    const close = `/v3/pay/transactions/out-trade-no/${String(trade['out_trade_no'])}/close`;
    const closed = await callPay(sandbox, { path: close, body: { mchid: sandbox.env['WECHAT_PAY_MCH_ID'] } });
    expect(closed.body['code']).toBe('ORDER_PAID');
  });
});

describe('a refund is refused', () => {
  const code = async (body: Json) => {
    const { status, body: answer } = await request(body);
    return [status, answer['code']];
  };
  const conflict = [400, 'INVALID_REQUEST'];

  it('for more than was paid, all refunds together', async () => {
    const trade = await paid();
    expect(await code(refundOf(trade, 1991))).toEqual(conflict);
    const accepted = [refundOf(trade, 1000), refundOf(trade, 990)];
    for (const body of accepted) expect((await request(body)).status).toBe(200);
    expect(await code(refundOf(trade, 1))).toEqual(conflict);
    await settle(accepted[1]!, 'closed');
    expect(await code(refundOf(trade, 991))).toEqual(conflict);
    expect((await request(refundOf(trade, 990))).status).toBe(200);
  });

  it('under a known number with other parameters', async () => {
    const body = refundOf(await paid(), 500);
    await request(body);
    expect(await code({ ...body, amount: { refund: 501, total: 1990, currency: 'CNY' } })).toEqual(conflict);
    expect(await code({ ...body, reason: '另一个原因' })).toEqual(conflict);
  });

  it('as the fifty-first of a trade', async () => {
    const trade = await paid();
    for (let count = 0; count < 50; count++) expect((await request(refundOf(trade, 1))).status).toBe(200);
    expect(await code(refundOf(trade, 1))).toEqual(conflict);
  });

  it('for a trade that is unpaid, a year old, of another total or unknown', async () => {
    const open = prepayBody(sandbox.env, openid);
    await callPay(sandbox, { path: '/v3/pay/transactions/jsapi', body: open });
    expect(await code(refundOf(open, 1))).toEqual(conflict);
    const trade = await paid();
    expect(await code(refundOf(trade, 1, { amount: { refund: 1, total: 1991, currency: 'CNY' } }))).toEqual(
      conflict,
    );
    const other = await paid();
    expect(await code(refundOf(trade, 1, { transaction_id: other['transaction_id'] }))).toEqual(conflict);
    expect(await code(refundOf({ out_trade_no: 'NOBODY1' }, 1))).toEqual([404, 'RESOURCE_NOT_EXISTS']);
    skewMs = 366 * DAY_MS;
    expect(await code(refundOf(trade, 1))).toEqual(conflict);
  });

  it.each([
    ['no trade', { out_trade_no: undefined }, '/transaction_id'],
    ['nothing', { amount: { refund: 0, total: 1990, currency: 'CNY' } }, '/amount/refund'],
    ['no currency', { amount: { refund: 1, total: 1990 } }, '/amount/currency'],
    ['a number with a space', { out_refund_no: 'R 1' }, '/out_refund_no'],
    ['a number of 65 characters', { out_refund_no: 'R'.repeat(65) }, '/out_refund_no'],
    ['a long reason', { reason: '鱼'.repeat(81) }, '/reason'],
    ['an emoji', { reason: '🐟' }, '/reason'],
    ['a notify URL with a query', { notify_url: 'https://shop.example/n?a=1' }, '/notify_url'],
    ['a null', { reason: null }, '/reason'],
    ['a field nobody knows', { extra: 1 }, '/extra'],
  ])('for %s', async (_, change, field) => {
    const answer = await request(refundOf({ out_trade_no: 'SOMETHING' }, 1, change));
    expect([answer.status, answer.body['code']]).toEqual([400, 'PARAM_ERROR']);
    expect(answer.body['detail']).toMatchObject({ field, location: 'body' });
  });

  it('when its number is asked for before it was requested', async () => {
    const answer = await query({ out_refund_no: 'never' });
    expect([answer.status, answer.body['code']]).toEqual([404, 'RESOURCE_NOT_EXISTS']);
  });

  it('by a fault, in whatever words', async () => {
    await control(sandbox, 'faults', { pay: { path, status: 403, code: 'NOT_ENOUGH', remaining: 1 } });
    const body = refundOf(await paid(), 500);
    expect(await code(body)).toEqual([403, 'NOT_ENOUGH']);
    expect((await request(body)).status).toBe(200);
  });
});

describe('the notice of a refund', () => {
  it.each([
    ['success', 'SUCCESS'],
    ['abnormal', 'ABNORMAL'],
    ['closed', 'CLOSED'],
  ])('tells of %s in its own words, sealed and signed', async (outcome, status) => {
    const trade = await paid();
    const body = refundOf(trade, 500);
    await request(body);
    await settle(body, outcome);
    const [notice] = shop.received;
    expect(notice?.body.event_type).toBe(`REFUND.${status}`);
    expect(notice?.body.resource).toMatchObject({ original_type: 'refund', associated_data: 'refund' });
    expect(isSigned(notice!.headers, notice!.raw, sandbox.env['WECHAT_PAY_PUBLIC_KEY'] ?? '')).toBe(true);
    expect(plain(notice)).toMatchObject({
      mchid: sandbox.env['WECHAT_PAY_MCH_ID'],
      ...trade,
      out_refund_no: body['out_refund_no'],
      refund_status: status,
      amount: { refund: 500, total: 1990 },
    });
    expect(plain(notice)).not.toHaveProperty('status');
  });

  it('goes to the refund’s own URL when it has one', async () => {
    const other = await openShop();
    const body = refundOf(await paid(), 500, { notify_url: other.notifyUrl });
    await request(body);
    await settle(body, 'success');
    expect([shop.received.length, other.received.length]).toEqual([0, 1]);
    other.close();
  });

  it('comes again until it is acknowledged, and strikes like a payment’s', async () => {
    shop.close();
    shop = await openShop(all => (all.length < 3 ? 500 : 204));
    await control(sandbox, 'faults', { notify: { tamperAmount: true, remaining: 1 } });
    const body = refundOf(await paid(), 500);
    await request(body);
    await settle(body, 'success');
    await vi.waitFor(async () => {
      const { body: log } = await control(sandbox, 'notifications');
      const own = (log['items'] as Delivery[]).filter(
        ({ outRefundNo }) => outRefundNo === body['out_refund_no'],
      );
      expect(own.map(({ status }) => status)).toEqual([500, 500, 204]);
    }, 5_000);
    expect(shop.received.map(notice => (plain(notice)['amount'] as Json)['refund'])).toEqual([501, 500, 500]);
  });

  it('says what had become of it then, also when a person has settled it since', async () => {
    shop.close();
    shop = await openShop(all => (all.length === 1 ? 500 : 204));
    await control(sandbox, 'faults', { retryFactor: 1 });
    const body = refundOf(await paid(), 500);
    await request(body);
    await settle(body, 'abnormal');
    await settle(body, 'success');
    await control(sandbox, 'faults', { retryFactor: 0 });
    await vi.waitFor(() => expect(shop.received).toHaveLength(3), 5_000);
    const told = shop.received.map(notice => plain(notice)['refund_status']);
    expect(told).toEqual(['ABNORMAL', 'SUCCESS', 'ABNORMAL']);
  });
});

describe('the control of refunds', () => {
  it('can settle once, and an abnormal one again', async () => {
    const body = refundOf(await paid(), 500);
    await request(body);
    expect((await settle(body, 'abnormal')).body['status']).toBe('ABNORMAL');
    expect((await settle(body, 'success')).body['status']).toBe('SUCCESS');
    expect((await settle(body, 'closed')).status).toBe(400);
    expect([settlements.SUCCESS, settlements.CLOSED]).toEqual([{}, {}]);
  });

  it('knows only what was requested', async () => {
    expect((await settle({ out_refund_no: 'never' }, 'success')).status).toBe(404);
    expect((await control(sandbox, 'refunds/never')).status).toBe(404);
    expect((await control(sandbox, 'refunds', { outRefundNo: 'R1', outcome: 'maybe' })).status).toBe(400);
  });
});
