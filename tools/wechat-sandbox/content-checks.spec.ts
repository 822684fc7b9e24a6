import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOUR_MS } from './clock.ts';
import { accessToken, callApi, control } from './merchant.fake.ts';
import { createSandbox } from './sandbox.ts';

let skewMs = 0;
const sandbox = createSandbox({
  now: () => Date.now() + skewMs,
  judgedWords: { risky: ['违规', '假货'], review: ['可疑'] },
});
let openid = '';
let token = '';

async function logIn(known?: string): Promise<string> {
  const { body: minted } = await control(sandbox, 'login-codes', known ? { openid: known } : {});
  const { WECHAT_APP_ID: appid = '', WECHAT_APP_SECRET: secret = '' } = sandbox.env;
  const code = String(minted['code']);
  const query = new URLSearchParams({ appid, secret, js_code: code, grant_type: 'authorization_code' });
  return String((await callApi(sandbox, `/sns/jscode2session?${query}`)).body['openid']);
}

beforeAll(() => sandbox.listen());
beforeEach(async () => {
  skewMs = 0;
  openid = await logIn();
  token = await accessToken(sandbox);
});
afterAll(() => sandbox.close());

async function check(change: object = {}) {
  const content = { content: '很好吃', version: 2, scene: 2, openid, ...change };
  return (await callApi(sandbox, `/wxa/msg_sec_check?access_token=${token}`, content)).body;
}

describe('the check of a text', () => {
  it.each([
    ['很好吃', 'pass', 100],
    ['卖假货的', 'risky', 21000],
    ['有点可疑', 'review', 21000],
    ['可疑的违规', 'risky', 21000],
  ])('says of %s: %s', async (content, suggest, label) => {
    expect(await check({ content })).toMatchObject({ errcode: 0, result: { suggest, label } });
  });

  it('is for people who were here in the last two hours', async () => {
    // A token does not live longer than that either.
    skewMs = 2 * HOUR_MS - 60_000;
    token = await accessToken(sandbox);
    expect((await check())['errcode']).toBe(0);
    skewMs = 2 * HOUR_MS + 60_000;
    expect((await check())['errcode']).toBe(61010);
    await logIn(openid);
    expect((await check())['errcode']).toBe(0);
  });

  it('is not for somebody who has only got a code', async () => {
    const { body } = await control(sandbox, 'login-codes', {});
    expect((await check({ openid: body['openid'] }))['errcode']).toBe(61010);
  });

  it.each([
    ['nothing', { content: '' }, 44002],
    ['2501 characters', { content: '鱼'.repeat(2501) }, 47001],
    ['the old version', { version: undefined }, 47001],
    ['an unknown scene', { scene: 5 }, 40129],
    ['a stranger', { openid: 'nobody' }, 40003],
    ['nobody', { openid: undefined }, 40003],
  ])('is refused for %s', async (_, change, errcode) => {
    expect((await check(change))['errcode']).toBe(errcode);
  });
});
