import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../../support/app.ts';
import { call, type Answer } from '../../support/http.ts';
import { loginCode, Shopper } from '../../support/shopper.ts';
import { startSibling, type Sibling } from '../../support/sibling.ts';
import { until } from '../../support/until.ts';

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

describe('a session', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp();
  });
  afterAll(() => shop.stop());

  const refresh = (refreshToken: string, key?: string): Promise<Answer<Tokens>> =>
    call<Tokens>('POST', `${shop.url}/api/v1/auth/refresh`, { body: { refreshToken }, key });

  async function statusOf(token: string, url = shop.url): Promise<number> {
    return (await call('GET', `${url}/api/v1/me`, { token })).status;
  }

  it('goes on through rotated tokens', async () => {
    const shopper = await Shopper.login(shop);
    const first = await refresh(shopper.refreshToken);
    expect(first.status).toBe(200);
    expect(Object.keys(first.body).sort()).toEqual(['accessToken', 'expiresInSeconds', 'refreshToken']);
    expect(first.body.refreshToken).not.toBe(shopper.refreshToken);
    const second = await refresh(first.body.refreshToken);
    expect(second.status).toBe(200);
    expect(await statusOf(second.body.accessToken)).toBe(200);
  });

  it('ends for thief and owner alike when a refresh token is used twice', async () => {
    const shopper = await Shopper.login(shop);
    const { body: rotated } = await refresh(shopper.refreshToken);
    expect(await statusOf(rotated.accessToken)).toBe(200);
    const reused = await refresh(shopper.refreshToken);
    expect(reused.status).toBe(401);
    expect(reused.body).toMatchObject({ code: 'auth.refresh_reused' });
    expect(await statusOf(rotated.accessToken)).toBe(401);
    expect(await statusOf(shopper.token)).toBe(401);
    expect((await refresh(rotated.refreshToken)).body).toMatchObject({ code: 'auth.refresh_invalid' });
  });

  it('takes no other session of the shopper down with it', async () => {
    const phone = await Shopper.login(shop);
    const tablet = await Shopper.login(shop, phone.openid);
    await refresh(phone.refreshToken);
    await refresh(phone.refreshToken);
    expect(await statusOf(phone.token)).toBe(401);
    expect(await statusOf(tablet.token)).toBe(200);
  });

  it('rotates exactly once when one token is sent many times at once', async () => {
    const shopper = await Shopper.login(shop);
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(shopper.refreshToken)));
    const won = answers.filter(answer => answer.status === 200);
    const lost = answers.filter(answer => answer.status === 401);
    expect([won.length, lost.length]).toEqual([1, 9]);
    expect(new Set(lost.map(answer => (answer.body as unknown as { code: string }).code))).toEqual(
      new Set(['auth.refresh_reused']),
    );
    expect(await statusOf(won[0]!.body.accessToken)).toBe(401);
  });

  describe('whose phone has lost the answer', () => {
    it('goes on with the same pair when the retry carries the same key', async () => {
      const shopper = await Shopper.login(shop);
      const lost = await refresh(shopper.refreshToken, 'refresh-1');
      const again = await refresh(shopper.refreshToken, 'refresh-1');
      expect([again.status, again.text]).toEqual([200, lost.text]);
      const replayed = [lost, again].map(({ headers }) => headers.get('idempotency-replayed'));
      expect(replayed).toEqual([null, 'true']);
      expect(await statusOf(again.body.accessToken)).toBe(200);
      expect((await refresh(again.body.refreshToken)).status).toBe(200);
    });

    it('rotates once when twins with one key arrive at once, and gives all of them the same pair', async () => {
      const shopper = await Shopper.login(shop);
      const twins = Array.from({ length: 8 }, () => refresh(shopper.refreshToken, 'refresh-1'));
      const answers = await Promise.all(twins);
      expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(await statusOf(answers[0]!.body.accessToken)).toBe(200);
    });

    it.each([
      ['another key', 'refresh-2'],
      ['no key', undefined],
    ])('ends like any other when its token is used again with %s', async (_, key) => {
      const shopper = await Shopper.login(shop);
      const { body } = await refresh(shopper.refreshToken, 'refresh-1');
      expect((await refresh(shopper.refreshToken, key)).body).toMatchObject({ code: 'auth.refresh_reused' });
      expect(await statusOf(body.accessToken)).toBe(401);
    });

    it('ends when the pair to be given again has been used meanwhile: somebody else has it too', async () => {
      const shopper = await Shopper.login(shop);
      const { body } = await refresh(shopper.refreshToken, 'refresh-1');
      const next = await refresh(body.refreshToken, 'refresh-2');
      const late = await refresh(shopper.refreshToken, 'refresh-1');
      expect(late.body).toMatchObject({ status: 401, code: 'auth.refresh_reused' });
      expect(await statusOf(next.body.accessToken)).toBe(401);
    });

    it('ends when the retry comes after the window', async () => {
      const shopper = await Shopper.login(shop);
      await refresh(shopper.refreshToken, 'refresh-1');
      await shop.database.query(`update auth_answers set created_at = now() - interval '61 seconds'`);
      const late = await refresh(shopper.refreshToken, 'refresh-1');
      expect(late.body).toMatchObject({ status: 401, code: 'auth.refresh_reused' });
    });

    it('gives no pair of one token for another with the same key', async () => {
      const [first, second] = [await Shopper.login(shop), await Shopper.login(shop)];
      const pairs = [await refresh(first.refreshToken, 'same'), await refresh(second.refreshToken, 'same')];
      expect(pairs.map(({ status }) => status)).toEqual([200, 200]);
      expect(pairs[1]!.body.refreshToken).not.toBe(pairs[0]!.body.refreshToken);
      expect(pairs[1]!.headers.get('idempotency-replayed')).toBeNull();
    });
  });

  it('does not come back by an unknown or an expired refresh token', async () => {
    expect((await refresh('unknown')).body).toMatchObject({ status: 401, code: 'auth.refresh_invalid' });
    const shopper = await Shopper.login(shop);
    await shop.database.query(
      `update refresh_tokens set expires_at = now() - interval '1 second'
       where session_id in (select id from sessions where user_id = $1)`,
      [shopper.userId],
    );
    expect((await refresh(shopper.refreshToken)).body).toMatchObject({
      status: 401,
      code: 'auth.refresh_invalid',
    });
  });

  it('ends with logout, at once', async () => {
    const shopper = await Shopper.login(shop);
    expect(await statusOf(shopper.token)).toBe(200);
    const answer = await shopper.post('/auth/logout');
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await statusOf(shopper.token)).toBe(401);
    expect((await refresh(shopper.refreshToken)).body).toMatchObject({ code: 'auth.refresh_invalid' });
  });

  it('is over when its time is, though its access token would live longer', async () => {
    const shopper = await Shopper.login(shop);
    await shop.database.query(`update sessions set expires_at = now() where user_id = $1`, [shopper.userId]);
    expect(await statusOf(shopper.token)).toBe(401);
  });

  it('lives on for as long as it is used', async () => {
    const shopper = await Shopper.login(shop);
    const soon = `update sessions set expires_at = now() + interval '1 day' where user_id = $1`;
    await shop.database.query(soon, [shopper.userId]);
    expect((await refresh(shopper.refreshToken)).status).toBe(200);
    const { rows } = await shop.database.query<{ extended: boolean }>(
      `select bool_and(s.expires_at >= t.expires_at - interval '1 minute') as extended
       from sessions s join refresh_tokens t on t.session_id = s.id where s.user_id = $1 and t.used_at is null`,
      [shopper.userId],
    );
    expect(rows[0]!.extended).toBe(true);
  });

  describe('in another process', () => {
    let sibling: Sibling;
    beforeAll(async () => {
      sibling = await startSibling(shop, { AUTH_SESSION_CACHE_TTL: '300ms', LOG_LEVEL: 'debug' });
    });
    afterAll(() => sibling.stop());

    it('ends before the memory of it runs out', async () => {
      const shopper = await Shopper.login(shop);
      expect(await statusOf(shopper.token, sibling.url)).toBe(200);
      await shopper.post('/auth/logout');
      const refused = async (): Promise<boolean> => (await statusOf(shopper.token, sibling.url)) === 401;
      await until('the sibling refuses the token', refused, 2_000);
    });

    it('leaves the shopper’s id in the log, and nothing that would let a reader in', async () => {
      const there = { url: sibling.url, sandboxUrl: shop.sandboxUrl };
      const { code, openid } = await loginCode(there);
      const login = await call<Tokens & { user: { id: string } }>('POST', `${there.url}/api/v1/auth/wechat`, {
        body: { code },
      });
      const { accessToken, refreshToken, user } = login.body;
      expect(await statusOf(accessToken, sibling.url)).toBe(200);
      await call('POST', `${there.url}/api/v1/auth/refresh`, { body: { refreshToken } });
      await call('POST', `${there.url}/api/v1/auth/refresh`, { body: { refreshToken } });
      expect(await statusOf(accessToken, sibling.url)).toBe(401);
      await until('the access log names the shopper', () =>
        sibling.output().includes(`"user_id":"${user.id}"`),
      );
      const secrets = { code, openid, accessToken, refreshToken };
      const leaked = Object.entries(secrets).filter(([, secret]) => sibling.output().includes(secret));
      expect(leaked).toEqual([]);
    });
  });

  it('leaves nothing usable in the database: tokens are hashes there', async () => {
    const shopper = await Shopper.login(shop);
    const { rows } = await shop.database.query('select t::text as row from refresh_tokens t');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.some(({ row }) => row.includes(Buffer.from(shopper.refreshToken).toString('hex')))).toBe(
      false,
    );
    const answers = await shop.database.query<{ answer: Buffer }>(
      'select answer_sealed as answer from auth_answers',
    );
    expect(answers.rows.length).toBeGreaterThan(0);
    expect(answers.rows.some(({ answer }) => answer.includes('accessToken'))).toBe(false);
  });

  it('is forgotten once it has expired, while living ones stay', async () => {
    const [gone, alive] = [await Shopper.login(shop), await Shopper.login(shop)];
    const past = `now() - interval '1 hour'`;
    await shop.database.query(
      `update refresh_tokens set expires_at = ${past} where session_id in (select id from sessions where user_id = $1)`,
      [gone.userId],
    );
    await shop.database.query(`update sessions set expires_at = ${past} where user_id = $1`, [gone.userId]);
    await shop.database.query(
      `update auth_answers set created_at = ${past} where refresh_token_hash in (
         select token_hash from refresh_tokens t join sessions s on s.id = t.session_id where s.user_id = $1)`,
      [gone.userId],
    );
    const rowsOf = async (userId: string): Promise<number> => {
      const sql =
        'select 1 from sessions s join refresh_tokens t on t.session_id = s.id where s.user_id = $1';
      return (await shop.database.query(sql, [userId])).rows.length;
    };
    await until('the expired session is deleted', async () => (await rowsOf(gone.userId)) === 0);
    const old = `select 1 from auth_answers where created_at < now() - interval '30 minutes'`;
    await until('the old answer is deleted', async () => (await shop.database.query(old)).rows.length === 0);
    expect(await rowsOf(alive.userId)).toBe(1);
  });
});
