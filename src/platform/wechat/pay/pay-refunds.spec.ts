import { afterEach, describe, expect, it } from 'vitest';
import { PayRefunds } from './pay-refunds.js';
import { refusal, signed, startPay } from './pay.fixture.js';
import { caught, inTurn, type StubAnswer, type StubHandler } from '../wechat.fixture.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function setUp(handler: StubHandler) {
  const { api, requests, close } = await startPay(handler);
  cleanups.push(close);
  return { refunds: new PayRefunds(api), requests };
}

/** As the shop has stored it, spaces and all. */
const asked =
  '{"out_refund_no":"R|1", "out_trade_no":"N20261122", "reason":"不要了", "amount":{"refund":500,"total":1999,"currency":"CNY"}}';

const wire = {
  refund_id: '50000001',
  out_refund_no: 'R|1',
  transaction_id: '4200001',
  out_trade_no: 'N20261122',
  channel: 'ORIGINAL',
  user_received_account: '支付用户零钱',
  create_time: '2026-11-22T16:00:00+08:00',
  status: 'PROCESSING',
  amount: { total: 1999, refund: 500, payer_total: 1999, payer_refund: 500, currency: 'CNY' },
  a_new_field: {},
};
const answered = (changes: object = {}): StubAnswer => signed(JSON.stringify({ ...wire, ...changes }));

const processing = {
  refundId: '50000001',
  outRefundNo: 'R|1',
  outTradeNo: 'N20261122',
  status: 'PROCESSING',
  amountFen: 500,
  totalFen: 1999,
};

describe('asking for a refund', () => {
  it('sends the stored text byte for byte', async () => {
    const { refunds, requests } = await setUp(() => answered());
    expect(await refunds.request(asked)).toEqual(processing);
    expect(requests).toMatchObject([{ method: 'POST', path: '/v3/refund/domestic/refunds', body: asked }]);
  });

  it.each<[string, StubAnswer | 'cut']>([
    ['a lost answer', 'cut'],
    ['an outage', refusal(500, 'SYSTEM_ERROR')],
    ['a forged answer', { status: 200, body: JSON.stringify(wire) }],
  ])('repeats it after %s under the same number, or it would be paid twice', async (_, failure) => {
    const { refunds, requests } = await setUp(inTurn(failure, answered()));
    expect((await refunds.request(asked)).status).toBe('PROCESSING');
    expect(requests.map(({ body }) => body)).toEqual([asked, asked]);
  });

  it.each([
    ['outRefundNo', { out_refund_no: 'R2' }],
    ['outTradeNo', { out_trade_no: 'N2' }],
    ['amountFen', { amount: { refund: 400, total: 1999 } }],
    ['totalFen', { amount: { refund: 500, total: 2000 } }],
  ])('believes no genuine answer with another %s', async (field, changes) => {
    const { refunds } = await setUp(() => answered(changes));
    expect(await caught(refunds.request(asked))).toMatchObject({
      code: 'wechat.answer_mismatch',
      differing: [field],
    });
  });

  it.each([
    [403, 'NOT_ENOUGH', 'not_enough'],
    [403, 'NOTENOUGH', 'not_enough'],
    [403, 'USER_ACCOUNT_ABNORMAL', 'payer_account'],
    [400, 'INVALID_REQUEST', 'conflict'],
    [403, 'TRADE_ERROR', 'conflict'],
    [404, 'RESOURCE_NOT_EXISTS', 'trade_unknown'],
    [403, 'REQUEST_BLOCKED', 'other'],
  ])('says why it was refused: %i %s, once', async (status, errcode, reason) => {
    const { refunds, requests } = await setUp(() => refusal(status, errcode));
    expect(await caught(refunds.request(asked))).toMatchObject({
      kind: 'unprocessable',
      code: 'wechat.refund_refused',
      errcode,
      details: { reason },
    });
    expect(requests).toHaveLength(1);
  });

  it.each([
    [429, 'FREQUENCY_LIMITED', 'wechat.throttled'],
    [500, 'SYSTEM_ERROR', 'wechat.unavailable'],
    [403, 'NO_AUTH', 'wechat.misconfigured'],
    [400, 'PARAM_ERROR', 'wechat.misconfigured'],
  ])('does not take %i %s for a refusal of this refund', async (status, errcode, code) => {
    const { refunds } = await setUp(() => refusal(status, errcode));
    expect(await caught(refunds.request(asked))).toMatchObject({ code });
  });

  it('is not repeated at once when it was too much: that would be more too much', async () => {
    const { refunds, requests } = await setUp(() => refusal(429, 'FREQUENCY_LIMITED'));
    await caught(refunds.request(asked));
    await caught(refunds.query('R|1'));
    expect(requests).toHaveLength(2);
  });

  it('does not guess what an unknown status means for money', async () => {
    const { refunds } = await setUp(() => answered({ status: 'HALF_BACK' }));
    expect(await caught(refunds.request(asked))).toMatchObject({ code: 'wechat.unavailable' });
  });
});

describe('asking about a refund', () => {
  it('reads what became of it', async () => {
    const success = { status: 'SUCCESS', success_time: '2026-11-22T16:05:00+08:00' };
    const { refunds, requests } = await setUp(() => answered(success));
    expect(await refunds.query('R|1')).toEqual({
      ...processing,
      status: 'SUCCESS',
      successTime: new Date('2026-11-22T08:05:00Z'),
    });
    expect(requests[0]).toMatchObject({ method: 'GET', path: '/v3/refund/domestic/refunds/R%7C1' });
  });

  it('tells a number WeChat Pay has never seen from an outage', async () => {
    const unknown = await setUp(() => refusal(404, 'RESOURCE_NOT_EXISTS'));
    expect(await caught(unknown.refunds.query('R|1'))).toMatchObject({ code: 'wechat.refund_unknown' });
    const gateway = await setUp(() => ({ status: 404, body: '<html>' }));
    expect(await caught(gateway.refunds.query('R|1'))).toMatchObject({ code: 'wechat.unavailable' });
  });

  it('believes no genuine answer about another refund', async () => {
    const { refunds } = await setUp(() => answered({ status: 'SUCCESS' }));
    expect(await caught(refunds.query('R2'))).toMatchObject({
      code: 'wechat.answer_mismatch',
      differing: ['outRefundNo'],
    });
  });
});
