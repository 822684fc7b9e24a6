import { verify } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PayClient } from './pay-client.js';
import { PayNoticeReader } from './pay-notice.js';
import { refusal, signed, startPay } from './pay.fixture.js';
import { paySignMessage } from './pay-signature.js';
import type { WechatConfig } from '../wechat.config.js';
import {
  TestClock,
  caught,
  certificateKey,
  certificateSerial,
  certificatesBody,
  inTurn,
  merchantKeys,
  publicKeyId,
  signedHeaders,
  type StubAnswer,
  type StubHandler,
} from '../wechat.fixture.js';

const clock = new TestClock();
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function setUp(handler: StubHandler, overrides: Partial<WechatConfig> = {}) {
  const { config, api, keys, http, requests, close } = await startPay(handler, overrides);
  cleanups.push(close);
  const client = new PayClient(config, api, new PayNoticeReader(config, keys, clock), clock, http);
  return { client, requests };
}

const certificateMode = { publicKeyId: undefined, publicKey: undefined };

function byCertificate(body: string): StubAnswer {
  return { status: 200, headers: signedHeaders(body, clock, certificateSerial, certificateKey), body };
}

const prepaid = JSON.stringify({ prepay_id: 'wx-prepay' });
const order = '{"out_trade_no":"N1", "description":"鱼"}';

describe('prepay', () => {
  it('sends and signs the body byte for byte', async () => {
    const { client, requests } = await setUp(() => signed(prepaid));
    expect(await client.prepay(order)).toEqual({ prepayId: 'wx-prepay' });
    const { method, path, headers, body } = requests[0]!;
    expect([method, path, body]).toEqual(['POST', '/v3/pay/transactions/jsapi', order]);
    expect(headers).toMatchObject({ accept: 'application/json', 'content-type': 'application/json' });
    expect(headers['wechatpay-serial']).toBe(publicKeyId);
    expect(headers['user-agent']).toBeTruthy();
    const field = (name: string) => new RegExp(`${name}="([^"]+)"`).exec(headers.authorization!)![1]!;
    const message = `POST\n${path}\n${field('timestamp')}\n${field('nonce_str')}\n${body}\n`;
    const signature = Buffer.from(field('signature'), 'base64');
    expect(verify('sha256', Buffer.from(message), merchantKeys.publicKey, signature)).toBe(true);
  });

  it.each<[string, StubAnswer]>([
    ['unsigned', { status: 200, body: prepaid }],
    ['tampered with', { ...signed('{"prepay_id":"wx-other"}'), body: prepaid }],
    [
      'a signature test',
      {
        ...signed(prepaid),
        headers: { ...signedHeaders(prepaid, clock), 'wechatpay-signature': 'WECHATPAY/SIGNTEST/x' },
      },
    ],
    [
      'signed by a stranger',
      { status: 200, headers: signedHeaders(prepaid, clock, 'PUB_KEY_ID_999'), body: prepaid },
    ],
  ])('never believes an answer that is %s, and asks once more', async (_, forged) => {
    const recovering = await setUp(inTurn(forged, signed(prepaid)));
    expect(await recovering.client.prepay(order)).toEqual({ prepayId: 'wx-prepay' });
    const [first, second] = recovering.requests;
    expect(second!.body).toBe(first!.body);

    const failing = await setUp(() => forged);
    expect(await caught(failing.client.prepay(order))).toMatchObject({ code: 'wechat.signature_invalid' });
    expect(failing.requests).toHaveLength(2);
  });

  it.each<[string, StubAnswer | 'cut']>([
    ['a cut connection', 'cut'],
    ['429', refusal(429, 'FREQUENCY_LIMITED')],
    ['500', refusal(500, 'SYSTEM_ERROR')],
    ['502 without JSON', { status: 502, body: '<html>' }],
    ['a redirect', { status: 302, headers: { Location: 'http://portal/' }, body: '' }],
    ['the 403 of a proxy', { status: 403, body: '<html>' }],
    ['the 404 of a gateway', { status: 404, body: '{"message":"no Route matched"}' }],
  ])('repeats the same request once after %s', async (_, failure) => {
    const { client, requests } = await setUp(inTurn(failure, signed(prepaid)));
    expect(await client.prepay(order)).toEqual({ prepayId: 'wx-prepay' });
    expect(requests.map(request => request.body)).toEqual([order, order]);
  });

  it('says how long to wait when the rate stays limited', async () => {
    const { client } = await setUp(() => refusal(429, 'RATELIMIT_EXCEEDED'));
    const error = await caught(client.prepay(order));
    expect(error).toMatchObject({ kind: 'throttled', errcode: 'RATELIMIT_EXCEEDED', retryAfterSeconds: 1 });
  });

  it('does not hang with WeChat Pay', async () => {
    const { client, requests } = await setUp(() => null);
    expect(await caught(client.prepay(order))).toMatchObject({ code: 'wechat.unavailable' });
    // The first attempt had all of the time there is.
    expect(requests).toHaveLength(1);
  });

  it.each([
    [400, 'PARAM_ERROR', 'wechat.misconfigured'],
    [400, 'INVALID_REQUEST', 'wechat.refused'],
    [403, 'OUT_TRADE_NO_USED', 'wechat.refused'],
    [401, 'SIGN_ERROR', 'wechat.misconfigured'],
    [403, 'NOAUTH', 'wechat.misconfigured'],
  ])('does not repeat %i %s', async (status, errcode, code) => {
    const { client, requests } = await setUp(() => refusal(status, errcode));
    expect(await caught(client.prepay(order))).toMatchObject({ code, errcode });
    expect(requests).toHaveLength(1);
  });
});

it('leaves it to whoever handles a refusal to log it, so that it is logged once', async () => {
  const alarm = vi.spyOn(Logger.prototype, 'error');
  const { client } = await setUp(() => refusal(401, 'SIGN_ERROR'));
  await caught(client.prepay(order));
  expect(alarm).not.toHaveBeenCalled();
  alarm.mockRestore();
});

describe('query', () => {
  const paid = {
    appid: 'wx0123456789abcdef',
    mchid: '1900000001',
    out_trade_no: 'A|B*1',
    transaction_id: '4200001',
    trade_state: 'SUCCESS',
    trade_state_desc: '支付成功',
    success_time: '2026-11-22T16:00:00+08:00',
    payer: { openid: 'o-1' },
    amount: { total: 1999, payer_total: 1899, currency: 'CNY' },
    a_new_field: {},
  };

  it('reads a paid trade', async () => {
    const { client, requests } = await setUp(() => signed(JSON.stringify(paid)));
    expect(await client.query('A|B*1')).toEqual({
      appId: 'wx0123456789abcdef',
      mchId: '1900000001',
      outTradeNo: 'A|B*1',
      transactionId: '4200001',
      state: 'SUCCESS',
      amountFen: 1999,
      currency: 'CNY',
      payerOpenid: 'o-1',
      successTime: new Date('2026-11-22T08:00:00Z'),
    });
    expect(requests[0]!.path).toBe('/v3/pay/transactions/out-trade-no/A%7CB*1?mchid=1900000001');
    expect(requests[0]!.body).toBe('');
  });

  it('reads an unpaid trade, which lacks most fields', async () => {
    const { appid, mchid, out_trade_no } = paid;
    const { client } = await setUp(() =>
      signed(JSON.stringify({ appid, mchid, out_trade_no, trade_state: 'NOTPAY' })),
    );
    const trade = await client.query('A|B*1');
    expect([trade.state, trade.transactionId, trade.successTime]).toEqual(['NOTPAY', undefined, undefined]);
  });

  it.each(['appid', 'mchid', 'out_trade_no'])(
    'believes nothing in a genuine answer with another %s than asked',
    async field => {
      const { client } = await setUp(() => signed(JSON.stringify({ ...paid, [field]: 'another' })));
      expect(await caught(client.query('A|B*1'))).toMatchObject({
        kind: 'unavailable',
        code: 'wechat.answer_mismatch',
        differing: [{ appid: 'appId', mchid: 'mchId', out_trade_no: 'outTradeNo' }[field]],
      });
    },
  );

  it('does not guess what an unknown state means for money', async () => {
    const { client } = await setUp(() => signed(JSON.stringify({ ...paid, trade_state: 'HALF_PAID' })));
    expect(await caught(client.query('A|B*1'))).toMatchObject({ code: 'wechat.unavailable' });
  });
});

describe('close', () => {
  it.each<[string, StubAnswer, 'closed' | 'paid' | 'unknown']>([
    ['a signed 204', signed('', 204), 'closed'],
    ['ORDER_CLOSED', refusal(400, 'ORDER_CLOSED'), 'closed'],
    ['ORDERCLOSED', refusal(400, 'ORDERCLOSED'), 'closed'],
    ['ORDER_NOT_EXIST', refusal(404, 'ORDER_NOT_EXIST'), 'unknown'],
    ['ORDER_PAID', refusal(400, 'ORDER_PAID'), 'paid'],
    ['ORDERPAID', refusal(403, 'ORDERPAID'), 'paid'],
  ])('takes %s as what it says about the trade', async (_, answer, outcome) => {
    const { client, requests } = await setUp(() => answer);
    expect(await client.close('N1')).toBe(outcome);
    expect(requests[0]).toMatchObject({
      path: '/v3/pay/transactions/out-trade-no/N1/close',
      body: '{"mchid":"1900000001"}',
    });
  });

  it('does not release anything on an unsigned 204 or any other refusal', async () => {
    const unsigned = await setUp(() => ({ status: 204, body: '' }));
    expect(await caught(unsigned.client.close('N1'))).toMatchObject({ code: 'wechat.signature_invalid' });
    const refused = await setUp(() => refusal(403, 'TRADE_ERROR'));
    expect(await caught(refused.client.close('N1'))).toMatchObject({
      code: 'wechat.refused',
      errcode: 'TRADE_ERROR',
    });
  });
});

describe('clientParams', () => {
  it('signs what wx.requestPayment will check', async () => {
    const { client } = await setUp(() => null);
    const params = await client.clientParams('wx-prepay');
    expect(params).toMatchObject({
      timeStamp: String(clock.seconds),
      package: 'prepay_id=wx-prepay',
      signType: 'RSA',
    });
    const message = paySignMessage('wx0123456789abcdef', params.timeStamp, params.nonceStr, params.package);
    const signature = Buffer.from(params.paySign, 'base64');
    expect(verify('sha256', Buffer.from(message), merchantKeys.publicKey, signature)).toBe(true);
  });
});

describe('answers signed by a platform certificate', () => {
  const withCertificates = (answer: () => StubAnswer, certificates = certificatesBody()): StubHandler => {
    return ({ path }) => (path === '/v3/certificates' ? byCertificate(certificates) : answer());
  };

  it('fetches the certificates once for many answers at the same time', async () => {
    const { client, requests } = await setUp(
      withCertificates(() => byCertificate(prepaid)),
      certificateMode,
    );
    await Promise.all(Array.from({ length: 5 }, () => client.prepay(order)));
    expect(requests.filter(request => request.path === '/v3/certificates')).toHaveLength(1);
    expect(requests[0]!.headers['wechatpay-serial']).toBeUndefined();
  });

  it('accepts them beside the public key while a merchant is being moved', async () => {
    const { client } = await setUp(withCertificates(() => byCertificate(prepaid)));
    expect(await client.prepay(order)).toEqual({ prepayId: 'wx-prepay' });
  });

  it('does not wait for the certificates longer than the call may take', async () => {
    const { client, requests } = await setUp(
      ({ path }) => (path === '/v3/certificates' ? null : byCertificate(prepaid)),
      certificateMode,
    );
    expect(await caught(client.prepay(order))).toMatchObject({
      code: 'wechat.signature_invalid',
      flaw: 'unknown_serial',
    });
    expect(requests.map(({ path }) => path)).toEqual(['/v3/pay/transactions/jsapi', '/v3/certificates']);
  });
});
