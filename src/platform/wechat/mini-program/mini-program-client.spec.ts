import { afterEach, describe, expect, it } from 'vitest';
import { MiniProgramClient } from './mini-program-client.js';
import { json, startApi, withTokens } from './mini-program.fixture.js';
import type { WechatConfig } from '../wechat.config.js';
import { TestClock, caught, inTurn, type StubAnswer, type StubHandler } from '../wechat.fixture.js';

const clock = new TestClock();
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function setUp(handler: StubHandler, overrides: Partial<WechatConfig> = {}) {
  const { config, wire, api, metrics, http, requests, close } = await startApi(handler, overrides);
  cleanups.push(close);
  return { client: new MiniProgramClient(config, wire, api, metrics, clock, http), requests };
}

describe('codeToSession', () => {
  it('trades a code for who the shopper is', async () => {
    const { client, requests } = await setUp(() =>
      json({ openid: 'o-1', session_key: 'HyVFkGl5F5OQWJZZaNzBBg==', new_field: 1 }),
    );
    const session = await client.codeToSession('a&b=c');
    expect(session).toEqual({ openid: 'o-1', sessionKey: 'HyVFkGl5F5OQWJZZaNzBBg==' });
    const url = new URL(requests[0]!.path, 'http://stub');
    expect(url.pathname).toBe('/sns/jscode2session');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      appid: 'wx0123456789abcdef',
      secret: 'app-secret',
      js_code: 'a&b=c',
      grant_type: 'authorization_code',
    });
  });

  it.each([
    [40029, { alreadyUsed: false, details: undefined }],
    [40163, { alreadyUsed: true, details: undefined }],
    [40226, { alreadyUsed: false, details: { blocked: true } }],
    [50002, { alreadyUsed: false, details: { blocked: true } }],
  ])('refuses the login on %i, without asking twice', async (errcode, expected) => {
    const { client, requests } = await setUp(() => json({ errcode, errmsg: 'no rid: 65f0' }));
    const error = await caught(client.codeToSession('code'));
    expect(error).toMatchObject({
      kind: 'unauthenticated',
      code: 'auth.wechat_code_refused',
      errcode,
      ...expected,
    });
    expect(requests).toHaveLength(1);
  });

  it('tells the client to slow down on 45011', async () => {
    const { client } = await setUp(() => json({ errcode: 45011, errmsg: 'api minute-quota reach limit' }));
    expect(await caught(client.codeToSession('code'))).toMatchObject({
      kind: 'throttled',
      retryAfterSeconds: 60,
    });
  });

  it.each([40013, 40125, 41002, 41004])('raises an alarm, not a login error, on %i', async errcode => {
    const { client } = await setUp(() => json({ errcode, errmsg: 'invalid appsecret' }));
    const error = await caught(client.codeToSession('code'));
    expect(error).toMatchObject({ kind: 'internal', code: 'wechat.misconfigured', errcode });
    expect(String(error)).not.toContain('app-secret');
  });

  it.each<[string, StubAnswer | 'cut']>([
    ['is busy', json({ errcode: -1, errmsg: 'system error' })],
    ['cuts the connection', 'cut'],
    ['answers 502', { status: 502, body: '<html>' }],
    ['answers HTML', { status: 200, body: '<html>' }],
  ])('asks once more when WeChat %s', async (_, failure) => {
    const { client, requests } = await setUp(inTurn(failure, json({ openid: 'o-1', session_key: 'k' })));
    expect((await client.codeToSession('code')).openid).toBe('o-1');
    expect(requests).toHaveLength(2);
  });

  it('asks no third time', async () => {
    const { client, requests } = await setUp(() => json({ errcode: -1 }));
    expect(await caught(client.codeToSession('code'))).toMatchObject({ code: 'wechat.unavailable' });
    expect(requests).toHaveLength(2);
  });

  it('does not hang with WeChat', async () => {
    const { client, requests } = await setUp(() => null);
    expect(await caught(client.codeToSession('code'))).toMatchObject({ code: 'wechat.unavailable' });
    // The first attempt had all of the time there is.
    expect(requests).toHaveLength(1);
  });
});

describe('more calls than we allow ourselves', () => {
  it('are refused at once and not tried again, even where a repeat would get through', async () => {
    const { client, requests } = await setUp(() => json({ openid: 'o-1', session_key: 'k' }), {
      maxInFlight: 1,
    });
    const first = client.codeToSession('first');
    // The answer to the first is there long before a repeat would be due.
    expect(await caught(client.codeToSession('second'))).toMatchObject({ code: 'wechat.unavailable' });
    expect((await first).openid).toBe('o-1');
    expect(requests).toHaveLength(1);
  });
});

describe('getPhoneNumber', () => {
  const phoneInfo = (changes: object = {}) => ({
    phoneNumber: '13800138000',
    purePhoneNumber: '13800138000',
    countryCode: 86,
    watermark: { timestamp: clock.seconds, appid: 'wx0123456789abcdef' },
    ...changes,
  });
  const phone = (changes?: object) => json({ errcode: 0, errmsg: 'ok', phone_info: phoneInfo(changes) });

  it('sends code and openid, with the token in the query', async () => {
    const { client, requests } = await setUp(withTokens(() => phone()));
    const number = await client.getPhoneNumber('phone-code', 'o-1');
    expect(number).toEqual({ purePhoneNumber: '13800138000', countryCode: '86' });
    expect(JSON.parse(requests[0]!.body)).toMatchObject({
      grant_type: 'client_credential',
      appid: 'wx0123456789abcdef',
    });
    expect(requests[1]!.path).toBe('/wxa/business/getuserphonenumber?access_token=token-1');
    expect(JSON.parse(requests[1]!.body)).toEqual({ code: 'phone-code', openid: 'o-1' });
  });

  it.each([
    ['another app', { watermark: { timestamp: clock.seconds, appid: 'wxother' } }, 'watermark_app'],
    [
      'last week',
      { watermark: { timestamp: clock.seconds - 361, appid: 'wx0123456789abcdef' } },
      'watermark_age',
    ],
    [
      'the future',
      { watermark: { timestamp: clock.seconds + 61, appid: 'wx0123456789abcdef' } },
      'watermark_age',
    ],
  ])('refuses a number with the watermark of %s', async (_, changes, reason) => {
    const { client } = await setUp(withTokens(() => phone(changes)));
    const error = await caught(client.getPhoneNumber('c', 'o-1'));
    expect(error).toMatchObject({ code: 'wechat.phone_code_refused', reason });
    expect(String(error)).not.toContain('13800138000');
  });

  it.each([40029, 40003])('refuses a used or foreign code (%i)', async errcode => {
    const { client } = await setUp(withTokens(() => json({ errcode })));
    expect(await caught(client.getPhoneNumber('c', 'o-1'))).toMatchObject({
      kind: 'unprocessable',
      reason: 'code',
    });
  });

  it('says unavailable when the answer lacks its watermark', async () => {
    const { client } = await setUp(withTokens(() => phone({ watermark: undefined })));
    expect(await caught(client.getPhoneNumber('c', 'o-1'))).toMatchObject({ code: 'wechat.unavailable' });
  });
});
