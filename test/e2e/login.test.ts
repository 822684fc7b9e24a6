import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { call, type Answer } from '../support/http.ts';
import { loginCode, Shopper } from '../support/shopper.ts';
import { startSibling } from '../support/sibling.ts';

interface Login {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
  readonly user: { readonly id: string };
}

const logIn = (url: string, code: string): Promise<Answer<Login>> =>
  call<Login>('POST', `${url}/api/v1/auth/wechat`, { body: { code } });

describe('logging in', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp();
  });
  afterAll(() => shop.stop());

  async function sessionsOf(userId: string): Promise<number> {
    const { rows } = await shop.database.query('select id from sessions where user_id = $1', [userId]);
    return rows.length;
  }

  it('turns a code of wx.login into a shopper with tokens that work', async () => {
    const { code } = await loginCode(shop);
    const { status, body, headers } = await logIn(shop.url, code);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(Object.keys(body).sort()).toEqual(['accessToken', 'expiresInSeconds', 'refreshToken', 'user']);
    expect(body.expiresInSeconds).toBe(900);
    const me = await call('GET', `${shop.url}/api/v1/me`, { token: body.accessToken });
    expect(me.status).toBe(200);
    expect(me.body).toEqual({ id: body.user.id, createdAt: expect.any(String) });
  });

  it('knows a returning shopper again, and keeps only the newest session key', async () => {
    const first = await Shopper.login(shop);
    const sql = 'select session_key_sealed as sealed from users where openid = $1';
    const before = await shop.database.query(sql, [first.openid]);
    const again = await Shopper.login(shop, first.openid);
    const after = await shop.database.query(sql, [first.openid]);
    expect(again.userId).toBe(first.userId);
    expect(again.token).not.toBe(first.token);
    expect(after.rows).toHaveLength(1);
    expect(after.rows[0].sealed.equals(before.rows[0].sealed)).toBe(false);
  });

  it('keeps what links a shopper to the merchant’s other apps when WeChat leaves it out', async () => {
    const { openid, userId } = await Shopper.login(shop);
    await shop.database.query(`update users set unionid = 'union-1' where id = $1`, [userId]);
    await Shopper.login(shop, openid);
    const { rows } = await shop.database.query('select unionid from users where id = $1', [userId]);
    expect(rows).toEqual([{ unionid: 'union-1' }]);
  });

  it('answers a code sent again with the same bytes, not with an error or a second session', async () => {
    const { code } = await loginCode(shop);
    const first = await logIn(shop.url, code);
    const second = await logIn(shop.url, code);
    expect(second.status).toBe(200);
    expect(second.text).toBe(first.text);
    const replayed = [first, second].map(answer => answer.headers.get('idempotency-replayed'));
    expect(replayed).toEqual([null, 'true']);
    expect(await sessionsOf(first.body.user.id)).toBe(1);
  });

  it('does not answer a code with tokens of a minute ago', async () => {
    const { code } = await loginCode(shop);
    await logIn(shop.url, code);
    await shop.database.query(`update auth_answers set created_at = now() - interval '61 seconds'`);
    const late = await logIn(shop.url, code);
    expect(late.body).toMatchObject({ status: 401, code: 'auth.wechat_code_refused' });
  });

  it('does not answer a code with a refresh token that is used up: it would end the session', async () => {
    const { code } = await loginCode(shop);
    const { body } = await logIn(shop.url, code);
    const refresh = { body: { refreshToken: body.refreshToken } };
    const next = await call<Login>('POST', `${shop.url}/api/v1/auth/refresh`, refresh);
    const late = await logIn(shop.url, code);
    expect(late.body).toMatchObject({ status: 401, code: 'auth.wechat_code_refused' });
    expect((await call('GET', `${shop.url}/api/v1/me`, { token: next.body.accessToken })).status).toBe(200);
  });

  it('opens one session for a code sent many times at once', async () => {
    const { code } = await loginCode(shop);
    const answers = await Promise.all(Array.from({ length: 8 }, () => logIn(shop.url, code)));
    expect(answers.map(answer => answer.status)).toEqual(Array(8).fill(200));
    expect(new Set(answers.map(answer => answer.text)).size).toBe(1);
    expect(await sessionsOf(answers[0]!.body.user.id)).toBe(1);
  });

  it('opens one session for a code sent to two processes at once', async () => {
    const sibling = await startSibling(shop);
    try {
      const { code } = await loginCode(shop);
      const answers = await Promise.all(
        [shop.url, sibling.url, shop.url, sibling.url].map(url => logIn(url, code)),
      );
      expect(answers.map(answer => answer.status)).toEqual([200, 200, 200, 200]);
      expect(new Set(answers.map(answer => answer.text)).size).toBe(1);
    } finally {
      await sibling.stop();
    }
  });

  it('refuses a spent code whose session has ended', async () => {
    const { code } = await loginCode(shop);
    const { body } = await logIn(shop.url, code);
    await call('POST', `${shop.url}/api/v1/auth/logout`, { token: body.accessToken });
    const again = await logIn(shop.url, code);
    expect(again.status).toBe(401);
    expect(again.body).toMatchObject({ code: 'auth.wechat_code_refused' });
  });

  it('refuses a code that WeChat does not know', async () => {
    const { status, body } = await logIn(shop.url, 'never-minted');
    expect(status).toBe(401);
    expect(body).toMatchObject({ code: 'auth.wechat_code_refused' });
  });

  it('tells a user whom WeChat blocks apart from a code that is merely spent', async () => {
    const blocked = await logIn(shop.url, 'sandbox-40226');
    expect([blocked.status, blocked.body]).toMatchObject([
      401,
      { code: 'auth.wechat_code_refused', blocked: true },
    ]);
    expect((await logIn(shop.url, 'never-minted')).body).not.toHaveProperty('blocked');
  });

  it('tells a phone to come back when WeChat is busy', async () => {
    const { status, headers, body } = await logIn(shop.url, 'sandbox--1');
    expect(status).toBe(503);
    expect(headers.get('retry-after')).not.toBeNull();
    expect(body).toMatchObject({ code: 'wechat.unavailable' });
  });

  it.each([
    ['no body', undefined],
    ['no code', {}],
    ['an empty code', { code: '' }],
    ['a code of another type', { code: 7 }],
    ['a code without end', { code: 'x'.repeat(257) }],
    ['an openid of the client’s own choice', { code: 'x', openid: 'o1' }],
  ])('refuses %s', async (_, body) => {
    const answer = await call('POST', `${shop.url}/api/v1/auth/wechat`, { body });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'request.invalid' });
  });
});
