import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi, control } from './merchant.fake.ts';
import { createSandbox } from './sandbox.ts';

let nowMs = Date.now();
const sandbox = createSandbox({ now: () => nowMs });

beforeAll(() => sandbox.listen());
afterAll(() => sandbox.close());

function session(code: string, change: Readonly<Record<string, string>> = {}) {
  const query = new URLSearchParams({
    appid: sandbox.env['WECHAT_APP_ID'] ?? '',
    secret: sandbox.env['WECHAT_APP_SECRET'] ?? '',
    js_code: code,
    grant_type: 'authorization_code',
    ...change,
  });
  return callApi(sandbox, `/sns/jscode2session?${query}`);
}

async function newCode(openid?: string): Promise<{ code: string; openid: string }> {
  const { body } = await control(sandbox, 'login-codes', openid ? { openid } : {});
  return body as { code: string; openid: string };
}

describe('code2Session', () => {
  it('gives the same person the same openid and each login a new 16-byte session key', async () => {
    const { code, openid } = await newCode();
    const first = await session(code);
    const second = await session((await newCode(openid)).code);
    expect(first.body['openid']).toBe(openid);
    expect(second.body['openid']).toBe(openid);
    expect(Buffer.from(String(first.body['session_key']), 'base64')).toHaveLength(16);
    expect(second.body['session_key']).not.toBe(first.body['session_key']);
  });

  it('lets exactly one of two simultaneous uses of a code through', async () => {
    const { code } = await newCode();
    const answers = await Promise.all(Array.from({ length: 10 }, () => session(code)));
    const errcodes = answers.map(answer => answer.body['errcode']).sort();
    expect(errcodes).toEqual([...Array<number>(9).fill(40163), undefined]);
  });

  it('refuses a code after five minutes', async () => {
    const { code } = await newCode();
    nowMs += 300_000;
    expect((await session(code)).body['errcode']).toBe(40029);
  });

  it.each([
    ['an unknown code', 'nobody-minted-this', {}, 40029],
    ['no code', '', {}, 41008],
    ['another app', 'x', { appid: 'wx0000000000000000' }, 40013],
    ['a wrong secret', 'x', { secret: 'wrong' }, 40125],
    ['no secret', 'x', { secret: '' }, 41004],
    ['another grant type', 'x', { grant_type: 'client_credential' }, 40002],
    ['a risky user', 'sandbox-40226', {}, 40226],
    ['a restricted user', 'sandbox-50002', {}, 50002],
    ['a throttled user', 'sandbox-45011', {}, 45011],
    ['a busy system', 'sandbox--1', {}, -1],
  ])('refuses %s', async (_, code, change, errcode) => {
    const answer = await session(code, change);
    expect(answer.status).toBe(200);
    expect(answer.body['errcode']).toBe(errcode);
  });

  it('leaves the caller waiting on the timeout code', async () => {
    const query = new URLSearchParams({ js_code: 'sandbox-timeout', grant_type: 'authorization_code' });
    query.set('appid', sandbox.env['WECHAT_APP_ID'] ?? '');
    query.set('secret', sandbox.env['WECHAT_APP_SECRET'] ?? '');
    const signal = AbortSignal.timeout(200);
    await expect(fetch(`${sandbox.url}/sns/jscode2session?${query}`, { signal })).rejects.toThrow();
  });
});

describe('faults of the api', () => {
  it('strike the named path as often as said, then end', async () => {
    await control(sandbox, 'faults', { api: { errcode: 45009, path: '/sns/', remaining: 1 } });
    expect((await session('x')).body['errcode']).toBe(45009);
    expect((await session('x')).body['errcode']).toBe(40029);
  });

  it('are refused when they name nothing known', async () => {
    for (const plan of [{ api: {} }, { nonsense: true }, { pay: { status: 200 } }, []])
      expect((await control(sandbox, 'faults', plan)).status).toBe(400);
  });

  it('are refused where they could never strike', async () => {
    const trade = '/v3/pay/transactions/out-trade-no/N1';
    for (const path of [
      '/close',
      '/sns/',
      '/v3/pay/transactions/jsapi/x',
      `${trade}/closed`,
      `${trade}/close/x`,
    ])
      expect([path, (await control(sandbox, 'faults', { pay: { timeout: true, path } })).status]).toEqual([
        path,
        400,
      ]);
    for (const path of ['/', '/v3/pay/tr', trade, `${trade}/`, `${trade}/close`, '/v3/certificates'])
      expect([path, (await control(sandbox, 'faults', { pay: { timeout: true, path } })).status]).toEqual([
        path,
        200,
      ]);
    expect(
      (await control(sandbox, 'faults', { api: { timeout: true, path: '/v3/certificates' } })).status,
    ).toBe(400);
    await control(sandbox, 'faults', {});
  });
});

it('answers an unknown API in the style of the surface', async () => {
  expect((await callApi(sandbox, '/wxa/nothing')).body['errcode']).toBe(40066);
  expect((await callApi(sandbox, '/v3/nothing')).body['code']).toBe('RESOURCE_NOT_EXISTS');
  expect((await control(sandbox, 'nothing')).body).toEqual({ message: 'no such control' });
});
