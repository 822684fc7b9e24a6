import { describe, expect, it } from 'vitest';
import { PayNoticeReader } from './pay-notice.js';
import type { PayWire } from './pay-wire.js';
import { PlatformKeys } from './platform-keys.js';
import {
  TestClock,
  caught,
  certificateKey,
  certificateSerial,
  certificatesBody,
  merchantKeys,
  publicKeyId,
  seal,
  signedHeaders,
  testConfig,
  testMetrics,
} from '../wechat.fixture.js';

const clock = new TestClock();

const trade = {
  appid: 'wx0123456789abcdef',
  mchid: '1900000001',
  out_trade_no: 'N20261122',
  transaction_id: '4200001',
  trade_state: 'SUCCESS',
  success_time: '2026-11-22T16:00:00+08:00',
  payer: { openid: 'o-1' },
  amount: { total: 1999, payer_total: 1999, currency: 'CNY', payer_currency: 'CNY' },
};

function noticeBody(changes: object = {}, plain: string = JSON.stringify(trade)): string {
  return JSON.stringify({
    id: 'EV-2018022511223320873',
    create_time: '2026-11-22T16:00:01+08:00',
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: { original_type: 'transaction', ...seal(plain, 'transaction') },
    ...changes,
  });
}

const refund = {
  mchid: '1900000001',
  out_trade_no: 'N20261122',
  transaction_id: '4200001',
  out_refund_no: 'R20261122',
  refund_id: '50000001',
  refund_status: 'SUCCESS',
  success_time: '2026-11-22T16:05:00+08:00',
  user_received_account: '支付用户零钱',
  amount: { total: 1999, refund: 500, payer_total: 1999, payer_refund: 500 },
};

function refundBody(event: string, changes: object = {}): string {
  const plain = JSON.stringify({ ...refund, refund_status: event, ...changes });
  return noticeBody({ event_type: `REFUND.${event}` }, plain);
}

function reader(): PayNoticeReader {
  const config = testConfig();
  const body = certificatesBody();
  const headers = () => signedHeaders(body, clock, certificateSerial, certificateKey);
  const wire = { exchange: async () => ({ status: 200, headers: headers(), body: Buffer.from(body) }) };
  const keys = new PlatformKeys(config, wire as unknown as PayWire, clock, testMetrics());
  return new PayNoticeReader(config, keys, clock);
}

const read = (body: string, headers: Record<string, string | undefined> = signedHeaders(body, clock)) =>
  reader().read({ headers, rawBody: Buffer.from(body) });

describe('notices', () => {
  it('opens what WeChat Pay signed and sealed', async () => {
    expect(await read(noticeBody())).toEqual({
      kind: 'payment',
      trade: {
        appId: 'wx0123456789abcdef',
        mchId: '1900000001',
        outTradeNo: 'N20261122',
        transactionId: '4200001',
        state: 'SUCCESS',
        amountFen: 1999,
        currency: 'CNY',
        payerOpenid: 'o-1',
        successTime: new Date('2026-11-22T08:00:00Z'),
      },
    });
  });

  it.each(['SUCCESS', 'ABNORMAL', 'CLOSED'])('opens what became of a refund: %s', async status => {
    expect(await read(refundBody(status))).toEqual({
      kind: 'refund',
      refund: {
        refundId: '50000001',
        outRefundNo: 'R20261122',
        outTradeNo: 'N20261122',
        status,
        amountFen: 500,
        totalFen: 1999,
        successTime: new Date('2026-11-22T08:05:00Z'),
      },
    });
  });

  it('takes both key modes side by side, by serial', async () => {
    const body = noticeBody();
    const notice = await read(body, signedHeaders(body, clock, certificateSerial, certificateKey));
    expect(notice).toMatchObject({ trade: { outTradeNo: 'N20261122' } });
  });

  it('verifies the bytes as they came, not as parsed and written again', async () => {
    const spaced = JSON.stringify(JSON.parse(noticeBody()), null, 2);
    expect(await read(spaced)).toMatchObject({ trade: { outTradeNo: 'N20261122' } });
    const compact = JSON.stringify(JSON.parse(spaced));
    expect(await caught(read(compact, signedHeaders(spaced, clock)))).toMatchObject({
      flaw: 'bad_signature',
    });
  });

  it.each(['serial', 'timestamp', 'nonce', 'signature'])('refuses a notice without %s', async name => {
    const body = noticeBody();
    const headers = { ...signedHeaders(body, clock), [`wechatpay-${name}`]: undefined };
    expect(await caught(read(body, headers))).toMatchObject({ kind: 'unauthenticated', flaw: 'unsigned' });
  });

  it('refuses a notice replayed after five minutes', async () => {
    const body = noticeBody();
    const old = new TestClock();
    old.nowMs = clock.nowMs - 301_000;
    expect(await caught(read(body, signedHeaders(body, old)))).toMatchObject({ flaw: 'stale' });
  });

  it('refuses an unknown serial and a wrong key under a known one', async () => {
    const body = noticeBody();
    const unknown = signedHeaders(body, clock, 'F'.repeat(40), merchantKeys.privateKey);
    expect(await caught(read(body, unknown))).toMatchObject({ flaw: 'unknown_serial' });
    const forged = signedHeaders(body, clock, publicKeyId, merchantKeys.privateKey);
    expect(await caught(read(body, forged))).toMatchObject({ flaw: 'bad_signature', isProbe: false });
  });

  it('refuses a signature probe without taking it for an attack', async () => {
    const body = noticeBody();
    const headers = { ...signedHeaders(body, clock), 'wechatpay-signature': 'WECHATPAY/SIGNTEST/abc' };
    expect(await caught(read(body, headers))).toMatchObject({
      flaw: 'probe',
      isProbe: true,
      kind: 'unauthenticated',
    });
  });

  it.each<[string, string, string]>([
    ['no JSON', 'hello', 'malformed'],
    ['an empty body', '', 'malformed'],
    ['JSON without a resource', '{"id":"1","event_type":"TRANSACTION.SUCCESS"}', 'malformed'],
    ['an event we do not know', noticeBody({ event_type: 'PAYSCORE.USER_PAID' }), 'unsupported'],
    ['a payment that calls itself a refund', noticeBody({ event_type: 'REFUND.SUCCESS' }), 'malformed'],
    ['a refund that calls itself a payment', noticeBody({}, JSON.stringify(refund)), 'malformed'],
    ['a refund of another merchant', refundBody('SUCCESS', { mchid: '1900000002' }), 'wrong_merchant'],
    [
      'a refund with the word of an answer',
      refundBody('SUCCESS', { refund_status: undefined, status: 'SUCCESS' }),
      'malformed',
    ],
    [
      'a refund whose status nobody knows',
      refundBody('SUCCESS', { refund_status: 'HALF_BACK' }),
      'malformed',
    ],
    [
      'another algorithm',
      noticeBody({ resource: { ...seal('{}', ''), algorithm: 'AEAD_SM4_128_GCM' } }),
      'unsupported',
    ],
    [
      'another APIv3 key',
      noticeBody({ resource: seal(JSON.stringify(trade), 't', 'f'.repeat(32)) }),
      'undecryptable',
    ],
    [
      'tampered ciphertext',
      noticeBody({ resource: { ...seal('{}', 't'), ciphertext: 'A'.repeat(60) } }),
      'undecryptable',
    ],
    ['plaintext that is no JSON', noticeBody({}, 'hello'), 'malformed'],
    ['plaintext that is no trade', noticeBody({}, '{"mchid":"1900000001"}'), 'malformed'],
    [
      'an amount that is no number of fen',
      noticeBody({}, JSON.stringify({ ...trade, amount: { total: 19.99 } })),
      'malformed',
    ],
  ])('refuses %s although it is signed', async (_, body, flaw) => {
    expect(await caught(read(body))).toMatchObject({ code: 'wechat.notice_refused', flaw });
  });
});
