import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CouponTemplateView } from '../../src/modules/promotion/promotion.contract.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { claim } from '../support/coupons.ts';
import { stockGoods } from '../support/goods.ts';
import type { Answer } from '../support/http.ts';
import { flawOf } from '../support/problems.ts';
import { lockRow, waitingForLocks } from '../support/row-lock.ts';
import { Shopper } from '../support/shopper.ts';
import { auditOf, Staff } from '../support/staff.ts';
import { until } from '../support/until.ts';

type CouponTemplateBody = CouponTemplateView & {
  readonly code?: string;
  readonly ids?: readonly string[];
  readonly errors?: readonly { readonly path: string }[];
};

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

function terms(change: object = {}): object {
  const time = { claimFrom: inDays(-1), claimUntil: inDays(1), validDays: 7 };
  return { name: '满 20 减 5', minimumFen: 2_000, amountFen: 500, total: 10, ...time, ...change };
}

describe('the merchant’s coupons', () => {
  let shop: TestApp;
  let shopper: Shopper;
  let manager: Staff;
  beforeAll(async () => {
    shop = await startApp();
    shopper = await Shopper.login(shop);
    manager = await Staff.hire(shop, 'manager');
  });
  afterAll(() => shop.stop());

  const create = (body: object, key: string | true = true): Promise<Answer<CouponTemplateBody>> =>
    manager.post('/coupons', body, { key });
  const replace = (id: string, body: object): Promise<Answer<CouponTemplateBody>> =>
    manager.put(`/coupons/${id}`, body);
  const end = (id: string): Promise<Answer<CouponTemplateBody>> => manager.post(`/coupons/${id}/end`);
  const get = (id: string): Promise<Answer<CouponTemplateBody>> => manager.get(`/coupons/${id}`);

  it('are made, changed until somebody claims, claimed by shoppers, counted, and ended', async () => {
    const created = await create(terms());
    const { id } = created.body;
    expect(created).toMatchObject({ status: 201, body: { amountFen: 500, claimed: 0, used: 0 } });
    const replaced = await replace(id, terms({ amountFen: undefined, percentOff: 10 }));
    expect(replaced).toMatchObject({ status: 200, body: { id, percentOff: 10 } });
    expect(replaced.body).not.toHaveProperty('amountFen');
    expect((await claim(shopper, id)).status).toBe(201);
    const late = await replace(id, terms());
    expect([late.status, late.body.code, flawOf(late)]).toEqual([409, 'coupon.template_fixed', undefined]);
    expect((await get(id)).body).toEqual({ ...replaced.body, claimed: 1 });
    const ended = await end(id);
    expect(ended.body).toEqual({ ...replaced.body, claimed: 1, endedAt: expect.any(String) });
    expect((await claim(await Shopper.login(shop), id)).body.code).toBe('coupon.not_claimable');
    expect(await auditOf(shop, id)).toMatchObject([
      { action: 'coupon.create', before: null, after: { name: '满 20 减 5', amountFen: 500 } },
      { action: 'coupon.replace', before: { amountFen: 500 }, after: { percentOff: 10 } },
      { action: 'coupon.end', before: {}, after: { endedAt: ended.body.endedAt } },
    ]);
  });

  it('are made once per key, however often the request comes', async () => {
    const [body, key] = [terms({ name: `券 ${randomUUID().slice(0, 8)}` }), randomUUID()];
    const answers = await Promise.all([1, 2, 3, 4].map(() => create(body, key)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const { rowCount } = await shop.database.query('select from coupon_templates where name = $1', [
      (body as { name: string }).name,
    ]);
    expect(rowCount).toBe(1);
    const other = await create(terms(), key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.key_reused']);
  });

  it('keep the end they had when the request for it comes again', async () => {
    const { id } = (await create(terms())).body;
    const first = await end(id);
    expect((await end(id)).text).toBe(first.text);
    expect((await replace(id, terms())).body.code).toBe('coupon.template_fixed');
  });

  it.each([
    ['two kinds of discount', { percentOff: 10 }, 'amountFen'],
    ['no discount', { amountFen: undefined }, 'amountFen'],
    ['a claim that ends before it begins', { claimUntil: inDays(-2) }, 'claimUntil'],
    ['two kinds of validity', { validFrom: inDays(0), validUntil: inDays(3) }, 'validUntil'],
  ])('are not made with %s', async (_, change, path) => {
    const answer = await create(terms(change));
    expect([answer.status, answer.body.code, flawOf(answer)]).toEqual([400, 'request.invalid', undefined]);
    expect(answer.body.errors?.map(error => error.path)).toContain(path);
  });

  it('are not made for goods that nobody knows', async () => {
    const { categoryId } = await stockGoods(shop.database);
    const stranger = randomUUID();
    const refused = await create(terms({ categoryIds: [categoryId, stranger] }));
    expect([refused.status, refused.body.code, refused.body.ids]).toEqual([
      422,
      'coupon.scope_unknown',
      [stranger],
    ]);
    expect((await create(terms({ categoryIds: [categoryId] }))).status).toBe(201);
  });

  it('tell the log what was there when a replacement came second', async () => {
    const { id } = (await create(terms())).body;
    const lock = await lockRow(shop.database, 'coupon_templates', id);
    const replacing = replace(id, terms({ amountFen: 700 }));
    await until('the replacement waits', async () => (await waitingForLocks(shop.database)) === 1);
    await lock.release('update coupon_templates set amount_fen = 600 where id = $1');
    expect((await replacing).status).toBe(200);
    const [, line] = await auditOf(shop, id);
    expect(line).toMatchObject({ before: { amountFen: 600 }, after: { amountFen: 700 } });
  });

  it('are listed newest first, page by page, with those that are over', async () => {
    const made = [(await create(terms())).body, (await create(terms())).body, (await create(terms())).body];
    await end(made[1]!.id);
    const page = await manager.get<List>('/coupons?limit=2');
    const rest = await manager.get<List>(`/coupons?limit=1&cursor=${page.body.nextCursor}`);
    const ids = [...page.body.items, ...rest.body.items].map(({ id }) => id);
    expect(ids).toEqual(made.map(({ id }) => id).reverse());
    expect(page.body.items[1]).toHaveProperty('endedAt');
  });

  it.each(['nonsense', '01a20f7c-a0c9-7225-b434-ff9f662b7cd5'])('are not found as %s', async id => {
    for (const answer of [await get(id), await replace(id, terms()), await end(id)])
      expect([answer.body.code, flawOf(answer)]).toEqual(['coupon.template_not_found', undefined]);
  });
});

interface List {
  readonly items: readonly CouponTemplateBody[];
  readonly nextCursor?: string;
}
