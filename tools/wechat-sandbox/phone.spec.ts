import { afterAll, beforeAll, expect, it } from 'vitest';
import { callApi, control } from './merchant.fake.ts';
import { createSandbox } from './sandbox.ts';

let nowMs = Date.now();
const sandbox = createSandbox({ now: () => nowMs });
let openid = '';
let token = '';

beforeAll(async () => {
  await sandbox.listen();
  openid = String((await control(sandbox, 'login-codes', {})).body['openid']);
  token = String((await stableToken()).body['access_token']);
});
afterAll(() => sandbox.close());

function stableToken(change: object = {}) {
  return callApi(sandbox, '/cgi-bin/stable_token', {
    grant_type: 'client_credential',
    appid: sandbox.env['WECHAT_APP_ID'],
    secret: sandbox.env['WECHAT_APP_SECRET'],
    ...change,
  });
}

async function newCode(phone = '13800138000', countryCode?: string): Promise<string> {
  return String((await control(sandbox, 'phone-codes', { openid, phone, countryCode })).body['code']);
}

function phoneOf(body: unknown, query = `access_token=${token}`) {
  return callApi(sandbox, `/wxa/business/getuserphonenumber?${query}`, body);
}

it('gives the number once, watermarked with the app and the time', async () => {
  const code = await newCode();
  expect((await phoneOf({ code, openid })).body).toEqual({
    errcode: 0,
    errmsg: 'ok',
    phone_info: {
      phoneNumber: '13800138000',
      purePhoneNumber: '13800138000',
      countryCode: '86',
      watermark: { timestamp: Math.floor(nowMs / 1000), appid: sandbox.env['WECHAT_APP_ID'] },
    },
  });
  expect((await phoneOf({ code, openid })).body['errcode']).toBe(40029);
});

it('puts the area code before a foreign number', async () => {
  const { body } = await phoneOf({ code: await newCode('51234567', '852') });
  expect(body['phone_info']).toMatchObject({ phoneNumber: '+85251234567', purePhoneNumber: '51234567' });
});

it('refuses a code of somebody else and keeps it usable for its owner', async () => {
  const stranger = String((await control(sandbox, 'login-codes', {})).body['openid']);
  const code = await newCode();
  expect((await phoneOf({ code, openid: stranger })).body['errcode']).toBe(40029);
  expect((await phoneOf({ code, openid: 'nobody' })).body['errcode']).toBe(40003);
  expect((await phoneOf({ code, openid })).body['errcode']).toBe(0);
});

it('refuses a code after five minutes', async () => {
  const code = await newCode();
  nowMs += 300_000;
  expect((await phoneOf({ code, openid })).body['errcode']).toBe(40029);
});

it('takes the access token from the query alone', async () => {
  const code = await newCode();
  expect((await phoneOf({ code }, '')).body['errcode']).toBe(41001);
  expect((await phoneOf({ code, access_token: token }, '')).body['errcode']).toBe(47001);
  expect((await phoneOf({ code }, 'access_token=wrong')).body['errcode']).toBe(40001);
  const { body } = await callApi(sandbox, `/wxa/business/getuserphonenumber?access_token=${token}`);
  expect(body['errcode']).toBe(43002);
});

it('refuses tokens that the faults kicked out or let expire', async () => {
  await control(sandbox, 'faults', { expireToken: true });
  expect((await phoneOf({ code: 'x' })).body['errcode']).toBe(42001);
  await control(sandbox, 'faults', { kickToken: true });
  expect((await phoneOf({ code: 'x' })).body['errcode']).toBe(40001);
  token = String((await stableToken()).body['access_token']);
  expect((await phoneOf({ code: 'x' })).body['errcode']).toBe(40029);
});

it.each([
  [{ appid: 'wx0000000000000000' }, 40013],
  [{ appid: undefined }, 41002],
  [{ secret: 'wrong' }, 40125],
  [{ grant_type: 'authorization_code' }, 40002],
  [{ force_refresh: 'yes' }, 47001],
])('refuses a token to %j', async (change, errcode) => {
  expect((await stableToken(change)).body['errcode']).toBe(errcode);
});

it('issues legacy tokens that open the same doors', async () => {
  const query = new URLSearchParams({ grant_type: 'client_credential' });
  query.set('appid', sandbox.env['WECHAT_APP_ID'] ?? '');
  query.set('secret', sandbox.env['WECHAT_APP_SECRET'] ?? '');
  const { body } = await callApi(sandbox, `/cgi-bin/token?${query}`);
  const { body: answer } = await phoneOf(
    { code: await newCode() },
    `access_token=${String(body['access_token'])}`,
  );
  expect(answer['errcode']).toBe(0);
});
