import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callPay, control, prepayBody } from './merchant.fake.ts';
import { createSandbox } from './sandbox.ts';
import { isSigned, unseal } from './shop.fake.ts';

const sandbox = createSandbox();
let openid = '';

beforeAll(async () => {
  await sandbox.listen();
  openid = String((await control(sandbox, 'login-codes', {})).body['openid']);
});
afterAll(() => sandbox.close());

const PREPAY = '/v3/pay/transactions/jsapi';
const order = () => prepayBody(sandbox.env, openid);

it('accepts a well-signed request, also under Accept: */*', async () => {
  expect((await callPay(sandbox, { path: PREPAY, body: order() })).status).toBe(200);
  const answer = await callPay(sandbox, { path: PREPAY, body: order(), headers: { accept: '*/*' } });
  expect(answer.status).toBe(200);
});

describe('Authorization', () => {
  it.each([
    ['another scheme', { scheme: 'WECHATPAY2-SM2-WITH-SM3' }],
    ['no Authorization', { headers: { authorization: undefined } }],
    ['no mchid', { authorization: { mchid: undefined } }],
    ['no nonce', { authorization: { nonce_str: undefined } }],
    ['no signature', { authorization: { signature: undefined } }],
    ['no timestamp', { authorization: { timestamp: undefined } }],
    ['no serial', { authorization: { serial_no: undefined } }],
    ['a field too many', { authorization: { extra: '1' } }],
    ['another merchant', { authorization: { mchid: '1900000001' } }],
    ['another serial', { authorization: { serial_no: 'A'.repeat(40) } }],
    ['a nonce of 33 characters', { authorization: { nonce_str: 'a'.repeat(33) } }],
    ['a nonce with a dash', { authorization: { nonce_str: 'a-b' } }],
    ['a clock 6 minutes behind', { nowMs: Date.now() - 360_000 }],
    ['a clock 6 minutes ahead', { nowMs: Date.now() + 360_000 }],
    ['a timestamp in milliseconds', { authorization: { timestamp: String(Date.now()) } }],
    ['a signature of something else', { authorization: { signature: 'AAAA' } }],
    ['a body other than the signed one', { sentBody: '{"mchid":"1"}' }],
  ])('refuses %s', async (_, bend) => {
    const answer = await callPay(sandbox, { path: PREPAY, body: order(), ...bend });
    expect([answer.status, answer.body['code']]).toEqual([401, 'SIGN_ERROR']);
    expect(answer.headers.get('request-id')).toMatch(/-268443699$/);
  });

  it('covers path and query exactly as sent', async () => {
    const path = `/v3/pay/transactions/out-trade-no/AB%7CCDEF?mchid=${sandbox.env['WECHAT_PAY_MCH_ID']}`;
    expect((await callPay(sandbox, { path })).body['code']).toBe('ORDER_NOT_EXIST');
    for (const sentPath of [path.replace('%7C', '%7c'), path.replace(/\?.*/, ''), `${path}&a=1`])
      expect((await callPay(sandbox, { path, sentPath })).body['code']).toBe('SIGN_ERROR');
  });
});

describe('required headers', () => {
  it.each([
    ['Accept', { accept: 'text/html' }],
    ['Content-Type', { 'content-type': 'text/plain' }],
  ])('refuses a request without a proper %s', async (field, headers) => {
    const answer = await callPay(sandbox, { path: PREPAY, body: order(), headers });
    expect([answer.status, answer.body['code']]).toEqual([400, 'PARAM_ERROR']);
    expect(answer.body['detail']).toMatchObject({ field, location: 'header' });
  });
});

describe('the answer', () => {
  const certificateKey = async () => {
    const { body } = await callPay(sandbox, { path: '/v3/certificates' });
    const [entry] = body['data'] as {
      encrypt_certificate: Parameters<typeof unseal>[1];
      serial_no: string;
    }[];
    if (!entry) throw new Error('no certificate');
    const pem = unseal(sandbox.env['WECHAT_PAY_API_V3_KEY'] ?? '', entry.encrypt_certificate);
    return { serial: entry.serial_no, certificate: new X509Certificate(pem) };
  };

  it('is signed by the platform certificate, which /v3/certificates gives out encrypted', async () => {
    const { serial, certificate } = await certificateKey();
    const answer = await callPay(sandbox, { path: PREPAY, body: order() });
    expect(certificate.serialNumber).toBe(serial);
    expect(answer.headers.get('wechatpay-serial')).toBe(serial);
    const pem = certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(isSigned(answer.headers, answer.text, pem)).toBe(true);
  });

  it('is signed by the public-key-mode key for whoever asks for it, errors and 204 as well', async () => {
    const { WECHAT_PAY_PUBLIC_KEY_ID: serial = '', WECHAT_PAY_PUBLIC_KEY: key = '' } = sandbox.env;
    const headers = { 'wechatpay-serial': serial };
    const body = order();
    const close = `/v3/pay/transactions/out-trade-no/${String(body['out_trade_no'])}/close`;
    const answers = [
      await callPay(sandbox, { path: PREPAY, body, headers }),
      await callPay(sandbox, { path: PREPAY, body: {}, headers }),
      await callPay(sandbox, { path: close, body: { mchid: body['mchid'] }, headers }),
    ];
    expect(answers.map(answer => answer.status)).toEqual([200, 400, 204]);
    for (const answer of answers) expect(isSigned(answer.headers, answer.text, key)).toBe(true);
    expect(answers[0]?.headers.get('wechatpay-serial')).toBe(serial);
  });

  it('refuses to sign under a serial nobody has', async () => {
    const headers = { 'wechatpay-serial': 'PUB_KEY_ID_1' };
    const answer = await callPay(sandbox, { path: PREPAY, body: order(), headers });
    expect([answer.status, answer.body['code']]).toEqual([400, 'PARAM_ERROR']);
  });
});

describe('faults of the pay surface', () => {
  it('refuse without doing, once', async () => {
    await control(sandbox, 'faults', { pay: { status: 429, remaining: 1 } });
    const body = order();
    const first = await callPay(sandbox, { path: PREPAY, body });
    expect([first.status, first.body['code']]).toEqual([429, 'FREQUENCY_LIMITED']);
    expect(first.headers.get('wechatpay-signature')).toBeNull();
    expect((await control(sandbox, `trades/${String(body['out_trade_no'])}`)).status).toBe(404);
    expect((await callPay(sandbox, { path: PREPAY, body })).status).toBe(200);
  });

  it('lose the reply of work that was done', async () => {
    await control(sandbox, 'faults', { pay: { replyLost: true, remaining: 1 } });
    const body = order();
    await expect(callPay(sandbox, { path: PREPAY, body })).rejects.toThrow();
    const trade = await control(sandbox, `trades/${String(body['out_trade_no'])}`);
    expect(trade.body['trade_state']).toBe('NOTPAY');
  });

  it('probe the verification of answers', async () => {
    await control(sandbox, 'faults', { pay: { signTest: true, remaining: 1 } });
    const answer = await callPay(sandbox, { path: PREPAY, body: order() });
    expect(answer.headers.get('wechatpay-signature')).toMatch(/^WECHATPAY\/SIGNTEST\//);
  });
});
