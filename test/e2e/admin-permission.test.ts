import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permissions, roles, type Role } from '../../src/modules/admin/permission.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { validValue } from '../support/bad-values.ts';
import { call, type Answer } from '../support/http.ts';
import { fillPath, operations, type Operation } from '../support/openapi.ts';
import { flawOf } from '../support/problems.ts';
import { Shopper } from '../support/shopper.ts';
import { Staff } from '../support/staff.ts';

const all = operations();
const routes = all.filter(({ permission }) => permission !== undefined);
const nobody = '01920000-0000-7000-8000-000000000000';
const table: Readonly<Record<string, readonly Role[]>> = permissions;
const cases = routes.flatMap(route =>
  roles.map(role => ({
    name: String(route),
    route,
    role,
    isAllowed: table[route.permission!]!.includes(role),
  })),
);

describe('every route of the staff', () => {
  let shop: TestApp;
  const members = new Map<Role, Staff>();
  beforeAll(async () => {
    shop = await startApp();
    for (const role of roles) members.set(role, await Staff.hire(shop, role));
  });
  afterAll(() => shop.stop());

  /** With a body in order, about something that does not exist: whatever it answers, it was let through or not. */
  function ask({ method, path, body }: Operation, token?: string): Promise<Answer> {
    const target = shop.url + fillPath(path, () => nobody);
    const key = method === 'POST' ? true : undefined;
    return call(method, target, { token, body: body && validValue(body), key });
  }

  async function countWritten(): Promise<string> {
    const tables = [
      'audit_log',
      'staff',
      'categories',
      'products',
      'skus',
      'stock_ledger',
      'refund_requests',
      'coupon_templates',
      'idempotency_keys',
    ];
    const counts = tables.map(name => `(select count(*) from ${name})`).join(`||' '||`);
    const { rows } = await shop.database.query<{ counts: string }>(`select ${counts} as counts`);
    return rows[0]!.counts;
  }

  it('is under /admin, where nothing else is but the way in', () => {
    const below = all.filter(({ path }) => path.startsWith('/api/v1/admin/'));
    const other = below.filter(({ permission }) => permission === undefined);
    expect(other.map(String)).toEqual(['POST /api/v1/admin/session']);
    expect(below.length - other.length).toBe(routes.length);
    expect(routes.length).toBeGreaterThan(20);
  });

  it.each(cases.filter(({ isAllowed }) => isAllowed))('$name lets $role through', async ({ route, role }) => {
    // One of these calls ends the session it came in.
    const member = await members.get(role)!.again();
    const { status } = await ask(route, member.token);
    expect([401, 403]).not.toContain(status);
    expect(status).toBeLessThan(500);
  });

  it.each(cases.filter(({ isAllowed }) => !isAllowed))(
    '$name refuses $role, and nothing is written',
    async ({ route, role }) => {
      const before = await countWritten();
      const answer = await ask(route, members.get(role)!.token);
      expect([answer.status, answer.body['code'], flawOf(answer)]).toEqual([
        403,
        'admin.forbidden',
        undefined,
      ]);
      expect(answer.body['permission']).toBe(route.permission);
      expect(await countWritten()).toBe(before);
    },
  );

  it.each(routes)('%s refuses who has no token, a shopper, and somebody who has left', async route => {
    const before = await countWritten();
    const { token: shopper } = await Shopper.login(shop);
    const gone = await Staff.hire(shop, 'owner');
    await shop.database.query('delete from staff_sessions where staff_id = $1', [gone.id]);
    await shop.database.query('delete from staff where id = $1', [gone.id]);
    for (const [token, code] of [
      [undefined, 'auth.required'],
      [shopper, 'admin.token_invalid'],
      [gone.token, 'admin.token_invalid'],
    ] as const) {
      const answer = await ask(route, token);
      expect([answer.status, answer.body['code'], flawOf(answer)]).toEqual([401, code, undefined]);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect(await countWritten()).toBe(before);
  });
});
