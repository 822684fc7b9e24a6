import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { call, type Answer } from '../support/http.ts';
import { flawOf } from '../support/problems.ts';
import { waitingForLocks } from '../support/row-lock.ts';
import { Shopper } from '../support/shopper.ts';
import { auditOf, logInStaff, Staff, staffPassword } from '../support/staff.ts';
import { until } from '../support/until.ts';

describe('the merchant', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp({ HTTP_TRUST_PROXY: 'true' });
  });
  afterAll(() => shop.stop());

  let last = 0;
  const from = (ip = `198.51.100.${++last}`) => ({ 'x-forwarded-for': ip });
  const logIn = (username: string, password: string, headers = from()) =>
    logInStaff(shop, username, password, headers);
  const me = (token: string): Promise<Answer> => call('GET', `${shop.url}/api/v1/admin/me`, { token });

  it('finds nobody there before somebody with access to the database has made the first owner', async () => {
    const { rowCount } = await shop.database.query('select from staff');
    expect(rowCount).toBe(0);
    for (const name of ['admin', 'owner', 'root', 'minnow'])
      expect((await logIn(name, name)).body).toMatchObject({ code: 'admin.login_refused' });
  });

  it('logs in, sees what the role allows, and logs out', async () => {
    const member = await Staff.hire(shop, 'warehouse');
    const { status, headers, body } = await logIn(` ${member.username.toUpperCase()} `, staffPassword);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      accessToken: expect.any(String),
      expiresInSeconds: 1_800,
      staff: { id: member.id, username: member.username, role: 'warehouse' },
    });
    expect((await me(body.accessToken)).body).toEqual({
      ...body.staff,
      permissions: [
        'account.use',
        'goods.read',
        'stock.read',
        'stock.change',
        'orders.read',
        'orders.ship',
        'refunds.read',
      ],
    });
    const out = await call('DELETE', `${shop.url}/api/v1/admin/session`, { token: body.accessToken });
    expect(out.status).toBe(204);
    expect((await me(body.accessToken)).body).toMatchObject({ code: 'admin.token_invalid' });
    expect(await auditOf(shop, member.id)).toMatchObject([
      { action: 'session.open', staffId: member.id, ip: `198.51.100.${last}` },
      { action: 'session.close', staffId: member.id, requestId: out.headers.get('x-request-id') },
    ]);
  });

  it('is not told whether the name or the password was wrong, or that somebody has left', async () => {
    const [member, gone] = [await Staff.hire(shop, 'support'), await Staff.hire(shop, 'support')];
    await shop.database.query('update staff set deactivated_at = now() where id = $1', [gone.id]);
    const answers = [
      await logIn(member.username, 'not the password'),
      await logIn('nobody-here', staffPassword),
      await logIn(gone.username, staffPassword),
    ];
    const told = answers.map(({ status, body }) => {
      const { traceId: _, ...problem } = body as unknown as { traceId: string };
      return { status, problem };
    });
    expect(told).toEqual(Array(3).fill(told[0]));
    expect(told[0]).toMatchObject({ status: 401, problem: { code: 'admin.login_refused' } });
    expect(await auditOf(shop, member.id)).toEqual([]);
  });

  it('may mistake a password five times; then even the right one waits, for as long as the answer says', async () => {
    const member = await Staff.hire(shop, 'manager');
    for (let i = 0; i < 5; i++) expect((await logIn(member.username, `guess ${i}`)).status).toBe(401);
    const { status, headers, body } = await logIn(member.username, staffPassword);
    expect([status, body]).toEqual([429, expect.objectContaining({ code: 'admin.login_throttled' })]);
    const seconds = Number(headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(800);
    expect(seconds).toBeLessThanOrEqual(900);
    await shop.database.query(
      `update staff_login_failures set failed_at = array(select at - $1 * interval '1 second' from unnest(failed_at) as at)`,
      [seconds],
    );
    expect((await logIn(member.username, staffPassword)).status).toBe(200);
  });

  it('does not wait for somebody else who guesses other names from another address', async () => {
    const [member, thief] = [await Staff.hire(shop, 'manager'), from()];
    for (let i = 0; i < 20; i++)
      await shop.database.query(
        `insert into staff_login_failures as f values (sha256($1), array[now()], now() + interval '15 minutes')
         on conflict (subject) do update set failed_at = f.failed_at || now()`,
        [`address\n${thief['x-forwarded-for']}`],
      );
    expect((await logIn(member.username, staffPassword, thief)).status).toBe(429);
    expect((await logIn(member.username, staffPassword)).status).toBe(200);
  });

  it('is not guessed by asking many times at once', async () => {
    const member = await Staff.hire(shop, 'manager');
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => logIn(member.username, `g ${i}`)));
    const statuses = answers.map(({ status }) => status);
    expect(new Set([401, 429, 503, ...statuses])).toEqual(new Set([401, 429, 503]));
    expect(statuses.filter(status => status === 401).length).toBeLessThanOrEqual(5);
    for (const { status, headers } of answers)
      if (status !== 401) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('has no session left that was opened with the old password while it was being reset', async () => {
    const [owner, member] = [await Staff.hire(shop, 'owner'), await Staff.hire(shop, 'support')];
    const gate = await shop.database.connect();
    await gate.query('begin');
    await gate.query('select 1 from staff where id = $1 for update', [member.id]);
    const reset = owner.put(`/staff/${member.id}/password`, { password: 'tea leaves 4 breakfast' });
    await until('the reset waits', async () => (await waitingForLocks(shop.database)) === 1);
    const login = logIn(member.username, staffPassword);
    await until('the login waits', async () => (await waitingForLocks(shop.database)) === 2);
    await gate.query('commit');
    gate.release();
    expect((await reset).status).toBe(204);
    const { status, body } = await login;
    // Whoever came first: the old password has opened nothing, or nothing that lives.
    if (status === 200) expect((await me(body.accessToken)).status).toBe(401);
    else expect([status, body]).toEqual([401, expect.objectContaining({ code: 'admin.login_refused' })]);
  });

  it('is out once the session is over, whatever the token says', async () => {
    const member = await Staff.hire(shop, 'owner');
    expect((await me(member.token)).status).toBe(200);
    await shop.database.query('update staff_sessions set expires_at = now() where id = $1', [
      member.sessionId,
    ]);
    expect((await me(member.token)).body).toMatchObject({ code: 'admin.token_invalid' });
  });

  it.each(['Basic dXNlcjpwYXNz', 'Bearer ', 'Bearer not-a-token', 'Bearer a.b.c'])(
    'is not let in with %j',
    async authorization => {
      const answer = await call('GET', `${shop.url}/api/v1/admin/me`, { headers: { authorization } });
      expect([answer.status, answer.body['code'], flawOf(answer)]).toEqual([
        401,
        'admin.token_invalid',
        undefined,
      ]);
    },
  );

  it('is nobody among shoppers, and shoppers are nobody here', async () => {
    const [owner, shopper] = [await Staff.hire(shop, 'owner'), await Shopper.login(shop)];
    for (const path of ['/me', '/orders', '/cart', '/categories']) {
      const asShopper = await call('GET', `${shop.url}/api/v1${path}`, { token: owner.token });
      expect([asShopper.status, asShopper.body['code']]).toEqual([401, 'auth.token_invalid']);
    }
    for (const path of ['/me', '/staff', '/audit']) {
      const asStaff = await call('GET', `${shop.url}/api/v1/admin${path}`, { token: shopper.token });
      expect([asStaff.status, asStaff.body['code']]).toEqual([401, 'admin.token_invalid']);
    }
  });
});
