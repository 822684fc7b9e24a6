import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permissions, roles, type Role } from '../../src/modules/admin/permission.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { validValue } from '../support/bad-values.ts';
import { offerCoupon } from '../support/coupons.ts';
import { stockGoods, type Goods } from '../support/goods.ts';
import { call, type Answer, type RequestOptions } from '../support/http.ts';
import { fillPath, operations, type Operation } from '../support/openapi.ts';
import { askRefund, paidOrder } from '../support/paid-order.ts';
import { flawOf } from '../support/problems.ts';
import { homeAddress, Shopper } from '../support/shopper.ts';
import { logInStaff, Staff, staffPassword } from '../support/staff.ts';

type Json = Record<string, unknown>;

/** What the writes are about: goods and colleagues of the test's own, and in `shop` what a recipe makes of them. */
interface Subject extends Goods {
  readonly shop: TestApp;
  readonly colleagueId: string;
  readonly emptyCategoryId: string;
}

/** How a write is called so that it succeeds. A new one under /admin needs a line here. */
interface Recipe {
  readonly idOf?: (subject: Subject) => string | Promise<string>;
  /** What the schema alone does not tell. */
  readonly body?: (subject: Subject) => Json;
  /** Instead of JSON. */
  readonly picture?: Buffer;
}

const product: Recipe = { idOf: ({ productId }) => productId };
const sku: Recipe = { idOf: ({ skuId }) => skuId };
const colleague: Recipe = { idOf: ({ colleagueId }) => colleagueId };
const paid: Recipe = {
  idOf: async ({ shop, skuId }) => (await paidOrder(shop, await Shopper.login(shop), { skuId })).id,
};
const refund: Recipe = {
  idOf: async ({ shop, skuId }) => {
    const shopper = await Shopper.login(shop);
    return askRefund(shopper, await paidOrder(shop, shopper, { skuId }));
  },
};
const coupon: Recipe = { idOf: ({ shop }) => offerCoupon(shop.database) };
const newName = (): Json => ({ name: randomUUID().slice(0, 8) });

const recipes: Readonly<Record<string, Recipe>> = {
  'DELETE /api/v1/admin/session': {},
  'PUT /api/v1/admin/me/password': { body: () => ({ currentPassword: staffPassword }) },
  'POST /api/v1/admin/staff': { body: () => ({ username: `u${randomUUID().slice(0, 8)}` }) },
  'PATCH /api/v1/admin/staff/{id}': colleague,
  'POST /api/v1/admin/staff/{id}/deactivate': colleague,
  'PUT /api/v1/admin/staff/{id}/password': colleague,
  'POST /api/v1/admin/categories': { body: newName },
  'PATCH /api/v1/admin/categories/{id}': { idOf: ({ categoryId }) => categoryId, body: newName },
  'DELETE /api/v1/admin/categories/{id}': { idOf: ({ emptyCategoryId }) => emptyCategoryId },
  'POST /api/v1/admin/products': { body: ({ categoryId }) => ({ categoryId }) },
  'PATCH /api/v1/admin/products/{id}': { ...product, body: ({ categoryId }) => ({ categoryId }) },
  'POST /api/v1/admin/products/{id}/withdraw': product,
  'POST /api/v1/admin/products/{id}/put-on-sale': product,
  'POST /api/v1/admin/products/{id}/skus': product,
  'PATCH /api/v1/admin/skus/{id}': sku,
  'POST /api/v1/admin/skus/{id}/withdraw': sku,
  'POST /api/v1/admin/skus/{id}/put-on-sale': sku,
  'POST /api/v1/admin/skus/{id}/stock-changes': { ...sku, body: () => ({ delta: 3 }) },
  'POST /api/v1/admin/orders/{id}/ship': paid,
  'POST /api/v1/admin/orders/{id}/close': {
    idOf: async ({ shop, skuId }) => (await (await Shopper.login(shop)).order(skuId)).id,
  },
  'POST /api/v1/admin/orders/{id}/refunds': {
    ...paid,
    body: ({ skuId }) => ({ items: [{ skuId, quantity: 1 }] }),
  },
  'POST /api/v1/admin/refunds/{id}/approve': refund,
  'POST /api/v1/admin/refunds/{id}/refuse': refund,
  'POST /api/v1/admin/refunds/{id}/settle-by-hand': refund,
  'POST /api/v1/admin/coupons': {},
  'PUT /api/v1/admin/coupons/{id}': coupon,
  'POST /api/v1/admin/coupons/{id}/end': coupon,
  'POST /api/v1/admin/media': { picture: Buffer.from('89504e470d0a1a0a', 'hex') },
};

const writes = operations().filter(({ permission, method }) => permission !== undefined && method !== 'GET');
const nobody = '01920000-0000-7000-8000-000000000000';
const table: Readonly<Record<string, readonly Role[]>> = permissions;

describe('the audit log', () => {
  let shop: TestApp;
  let mediaRoot: string;
  beforeAll(async () => {
    mediaRoot = mkdtempSync(join(tmpdir(), 'minnow-media-'));
    shop = await startApp({ MEDIA_ROOT: mediaRoot });
  });
  afterAll(async () => {
    await shop.stop();
    rmSync(mediaRoot, { recursive: true });
  });

  async function subject(): Promise<Subject> {
    const goods = await stockGoods(shop.database);
    // A second SKU, so that the first may go.
    await shop.database.query(
      `insert into skus (id, product_id, name, price_fen, position) values ($1, $2, '大', 1990, 1)`,
      [randomUUID(), goods.productId],
    );
    const emptyCategoryId = randomUUID();
    await shop.database.query('insert into categories values ($1, $2, null, 1)', [
      emptyCategoryId,
      emptyCategoryId.slice(0, 20),
    ]);
    return { ...goods, shop, emptyCategoryId, colleagueId: (await Staff.hire(shop, 'support')).id };
  }

  /** The route's own path, about what its recipe makes of the subject. */
  async function aim(route: Operation, about: Subject): Promise<Operation> {
    const id = (await recipes[String(route)]!.idOf?.(about)) ?? '';
    return { ...route, path: fillPath(route.path, () => id), toString: () => String(route) };
  }

  function send(
    token: string,
    route: Operation,
    about: Subject,
    options: RequestOptions = {},
  ): Promise<Answer> {
    const { body, picture } = recipes[String(route)]!;
    const filled = route.body ? { ...(validValue(route.body) as Json), ...body?.(about) } : picture;
    const headers = picture && { 'content-type': 'image/png' };
    const key = route.method === 'POST' ? true : undefined;
    return call(route.method, shop.url + route.path, { token, body: filled, headers, key, ...options });
  }

  interface Line {
    readonly staff_id: string;
    readonly permission: string;
    readonly request_id: string;
    readonly ip: string;
  }

  async function linesOf(staff: Staff): Promise<Line[]> {
    const sql = 'select * from audit_log where staff_id = $1';
    return (await shop.database.query<Line>(sql, [staff.id])).rows;
  }

  async function total(): Promise<number> {
    return (await shop.database.query('select from audit_log')).rowCount!;
  }

  it('meets no write that this test does not know', () => {
    expect(writes.map(String).sort()).toEqual(Object.keys(recipes).sort());
  });

  it.each(writes)('has one line, and one only, of a %s that is done', async route => {
    const [owner, about] = [await Staff.hire(shop, 'owner'), await subject()];
    const aimed = await aim(route, about);
    const before = await total();
    const answer = await send(owner.token, aimed, about);
    expect(answer.status < 300 || answer.text).toBe(true);
    const lines = await linesOf(owner);
    expect(lines).toHaveLength(1);
    expect(await total()).toBe(before + 1);
    expect(lines[0]).toMatchObject({
      permission: route.permission,
      request_id: answer.headers.get('x-request-id'),
      ip: '127.0.0.1',
    });
    expect(JSON.stringify(lines)).not.toMatch(/scrypt|tea leaves|correct horse/);
    expect(JSON.stringify(lines)).not.toContain(homeAddress.telNumber);
  });

  it.each(writes)('has no line of a %s that is refused', async route => {
    const [owner, about] = [await Staff.hire(shop, 'owner'), await subject()];
    const aimed = await aim(route, about);
    const outsider = roles.find(role => !table[route.permission!]!.includes(role));
    const before = await total();
    const refused: Answer[] = [];
    if (route.path.includes('{')) {
      const missing = fillPath(route.path, () => nobody);
      refused.push(
        await send(owner.token, { ...route, path: missing, toString: () => String(route) }, about),
      );
    }
    if (route.body) refused.push(await send(owner.token, aimed, about, { body: { nonsense: true } }));
    if (outsider) refused.push(await send((await Staff.hire(shop, outsider)).token, aimed, about));
    refused.push(await send('x.y.z', aimed, about));
    for (const answer of refused) expect(flawOf(answer)).toBeUndefined();
    expect(await total()).toBe(before);
  });

  it.each(writes.filter(({ parameters }) => parameters.some(({ name }) => name === 'Idempotency-Key')))(
    'has one line of a %s that is sent twice under one key',
    async route => {
      const [owner, about] = [await Staff.hire(shop, 'owner'), await subject()];
      const aimed = await aim(route, about);
      const once = { ...(validValue(route.body!) as Json), ...recipes[String(route)]!.body?.(about) };
      const options = { key: randomUUID(), body: once };
      const answers = await Promise.all([1, 2, 3].map(() => send(owner.token, aimed, about, options)));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      const statuses = answers.map(({ status }) => status);
      expect([new Set(statuses).size, statuses[0]! < 300]).toEqual([1, true]);
      expect(await linesOf(owner)).toHaveLength(1);
    },
  );

  it('tells of a login, and not of one that failed', async () => {
    const member = await Staff.hire(shop, 'support');
    await logInStaff(shop, member.username, 'wrong');
    expect(await linesOf(member)).toEqual([]);
    await logInStaff(shop, member.username, staffPassword);
    expect(await linesOf(member)).toHaveLength(1);
  });

  it('loses its line together with the effect when the transaction fails', async () => {
    const [owner, about] = [await Staff.hire(shop, 'owner'), await subject()];
    await shop.database.query(
      `alter table audit_log add constraint full_disk check (action <> 'stock.change') not valid`,
    );
    try {
      const route = writes.find(write => write.path.endsWith('stock-changes'))!;
      const answer = await send(owner.token, await aim(route, about), about);
      expect(answer.status).toBe(500);
    } finally {
      await shop.database.query('alter table audit_log drop constraint full_disk');
    }
    const { rows } = await shop.database.query('select on_hand from stock_items where sku_id = $1', [
      about.skuId,
    ]);
    expect(rows).toEqual([{ on_hand: 10 }]);
    expect(await linesOf(owner)).toEqual([]);
  });

  it('is read page by page, newest first, by who did it, what was done and to what', async () => {
    const [owner, about] = [await Staff.hire(shop, 'owner'), await subject()];
    const names = Array.from({ length: 5 }, (_, index) => ({ name: `茶 ${index}` }));
    for (const body of names) await owner.patch(`/products/${about.productId}`, body);
    await owner.post(`/products/${about.productId}/withdraw`);

    const first = await owner.get<Page>(`/audit?targetId=${about.productId}&limit=4`);
    const rest = await owner.get<Page>(
      `/audit?targetId=${about.productId}&limit=4&cursor=${first.body.nextCursor}`,
    );
    const lines = [...first.body.items, ...rest.body.items];
    expect([first.body.items.length, lines.length, rest.body.nextCursor]).toEqual([4, 6, undefined]);
    expect(lines[0]).toMatchObject({
      staffId: owner.id,
      username: owner.username,
      permission: 'goods.write',
      action: 'product.withdraw',
      targetId: about.productId,
      before: { status: 'on_sale' },
      after: { status: 'withdrawn' },
      ip: '127.0.0.1',
    });
    expect(lines.slice(1).map(({ after }) => after?.['name'])).toEqual(
      names.map(({ name }) => name).reverse(),
    );

    const count = async (query: string): Promise<number> =>
      (await owner.get<Page>(`/audit?${query}`)).body.items.length;
    expect(await count(`staffId=${owner.id}`)).toBe(6);
    expect(await count(`staffId=${owner.id}&action=product.withdraw`)).toBe(1);
    expect(await count(`staffId=${about.colleagueId}`)).toBe(0);
    expect(await count(`staffId=${encodeURIComponent(`' or 1=1`)}`)).toBe(0);
    expect(await count(`targetId=${nobody}`)).toBe(0);
  });
});

interface Page {
  readonly items: readonly { readonly after?: Json }[];
  readonly nextCursor?: string;
}
