import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import {
  couponTemplateInput,
  couponTemplateView,
  CouponTemplates,
  type CouponTemplateInput,
} from '../../../src/modules/promotion/promotion.contract.ts';
import { Transactor } from '../../../src/platform/database/transactor.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { claim, giveCoupon } from '../../support/coupons.ts';
import { stockGoods } from '../../support/goods.ts';
import { lockRow, waitingForLocks } from '../../support/row-lock.ts';
import { Shopper } from '../../support/shopper.ts';
import { until } from '../../support/until.ts';

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

/** A body as a merchant sends it. */
function input(change: object = {}): CouponTemplateInput {
  return couponTemplateInput.parse({
    name: '满 20 减 5',
    minimumFen: 2_000,
    amountFen: 500,
    total: 10,
    claimFrom: inDays(-1),
    claimUntil: inDays(1),
    validDays: 7,
    ...change,
  });
}

describe('coupon templates', () => {
  let shop: TestApp;
  let templates: CouponTemplates;
  let shopper: Shopper;
  beforeAll(async () => {
    shop = await startApp();
    templates = shop.app.get(CouponTemplates, { strict: false });
    shopper = await Shopper.login(shop);
  });
  afterAll(() => shop.stop());

  it('come back as they were made', async () => {
    const { categoryId, productId } = await stockGoods(shop.database);
    const made = [
      input({ perUserLimit: 3 }),
      input({ amountFen: undefined, percentOff: 15, capFen: 2_000, categoryIds: [categoryId] }),
      input({
        productIds: [productId],
        validDays: undefined,
        validFrom: inDays(0),
        validUntil: inDays(30),
      }),
    ];
    for (const fields of made) {
      const created = await templates.create(fields);
      expect(created).toMatchObject({ ...fields, claimed: 0, used: 0 });
      expect(await templates.get(created.id)).toEqual(created);
      expect(couponTemplateView.strict().parse(JSON.parse(JSON.stringify(created)))).toEqual(created);
    }
  });

  it('count what is claimed, and what is used only as long as an order has it', async () => {
    const { skuId } = await stockGoods(shop.database, { priceFen: 3_000 });
    const { id } = await templates.create(input({ perUserLimit: 2 }));
    const [couponId] = [(await claim(shopper, id)).body.id, await claim(shopper, id)];
    expect(await templates.get(id)).toMatchObject({ claimed: 2, used: 0 });
    const body = { items: [{ skuId, quantity: 1 }], addressId: await shopper.addAddress(), couponId };
    const order = await shopper.post<{ id: string }>('/orders', body, { key: true });
    expect(await templates.get(id)).toMatchObject({ claimed: 2, used: 1 });
    await shopper.post(`/orders/${order.body.id}/cancel`);
    expect(await templates.get(id)).toMatchObject({ claimed: 2, used: 0 });
  });

  it('can be replaced whole until somebody has claimed', async () => {
    const { id } = await templates.create(input());
    const replaced = await templates.replace(id, input({ amountFen: undefined, percentOff: 10, total: 1 }));
    expect(replaced).toMatchObject({ id, percentOff: 10, total: 1 });
    expect(replaced.amountFen).toBeUndefined();
    const claimed = await claim(shopper, id);
    expect(claimed.body).toMatchObject({ percentOff: 10 });
    await expect(templates.replace(id, input())).rejects.toMatchObject({ code: 'coupon.template_fixed' });
    expect(await templates.get(id)).toMatchObject({ percentOff: 10 });
  });

  it('are claimed as they are, not as the claimant had seen them', async () => {
    const { id } = await templates.create(input());
    const lock = await lockRow(shop.database, 'coupon_templates', id);
    const claiming = claim(shopper, id);
    await until('the claim waits', async () => (await waitingForLocks(shop.database)) === 1);
    await lock.release('update coupon_templates set amount_fen = 300, valid_days = 1 where id = $1');
    const { body } = await claiming;
    expect(body).toMatchObject({ amountFen: 300 });
    const mine = await shopper.get<{ items: { id: string; validUntil: string }[] }>('/me/coupons');
    const coupon = mine.body.items.find(item => item.id === body.id)!;
    expect(Date.parse(coupon.validUntil)).toBeLessThan(Date.parse(inDays(2)));
    expect(coupon).toEqual(body);
  });

  it('do not change under a claim that is about to commit', async () => {
    const { id } = await templates.create(input());
    const lock = await lockRow(shop.database, 'coupon_templates', id);
    // Caught from the start: it may be refused before the claim's commit has been answered.
    const refusal = templates.replace(id, input({ amountFen: 1 })).catch((error: unknown) => error);
    await until('the change waits', async () => (await waitingForLocks(shop.database)) === 1);
    await lock.release('update coupon_templates set claimed = 1 where id = $1');
    expect(await refusal).toMatchObject({ code: 'coupon.template_fixed' });
  });

  it('give nothing out after their end, which comes once and is final', async () => {
    const { id } = await templates.create(input());
    const ended = await templates.end(id);
    expect(ended.endedAt).toEqual(expect.any(String));
    expect(await templates.end(id)).toEqual(ended);
    const late = await claim(shopper, id);
    expect([late.status, late.body.code]).toEqual([409, 'coupon.not_claimable']);
    await expect(templates.replace(id, input())).rejects.toMatchObject({ code: 'coupon.template_fixed' });
  });

  it('end before a claim that waits behind the end', async () => {
    const { id } = await templates.create(input());
    const lock = await lockRow(shop.database, 'coupon_templates', id);
    const claiming = claim(shopper, id);
    await until('the claim waits', async () => (await waitingForLocks(shop.database)) === 1);
    await lock.release('update coupon_templates set ended_at = now() where id = $1');
    const { status, body } = await claiming;
    expect([status, body.code]).toEqual([409, 'coupon.not_claimable']);
    expect((await templates.get(id)).claimed).toBe(0);
  });

  it('are not made for what the catalogue has never known', async () => {
    const [{ categoryId, productId }, stranger] = [await stockGoods(shop.database), newId()];
    await shop.database.query(`update products set status = 'withdrawn' where id = $1`, [productId]);
    const before = await templates.list({ limit: 1 });
    await expect(
      templates.create(input({ categoryIds: [categoryId, stranger, 'x', stranger] })),
    ).rejects.toMatchObject({ code: 'coupon.scope_unknown', details: { ids: [stranger, 'x'] } });
    await expect(templates.create(input({ productIds: [productId, categoryId] }))).rejects.toMatchObject({
      details: { ids: [categoryId] },
    });
    expect(await templates.list({ limit: 1 })).toEqual(before);
    expect(await templates.create(input({ productIds: [productId] }))).toMatchObject({
      productIds: [productId],
    });
  });

  it('are unknown by an unknown id', async () => {
    for (const id of [newId(), 'x']) {
      const calls = [() => templates.get(id), () => templates.end(id), () => templates.replace(id, input())];
      for (const call of calls)
        await expect(call()).rejects.toMatchObject({ code: 'coupon.template_not_found' });
    }
  });

  it('are listed newest first, each once', async () => {
    const made: string[] = [];
    for (let count = 0; count < 3; count++) made.push((await templates.create(input())).id);
    const seen: string[] = [];
    for (let cursor: string | undefined, pages = 0; pages === 0 || cursor; pages++) {
      const page = await templates.list({ limit: 2, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen.slice(0, 3)).toEqual(made.toSorted().toReversed());
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('are not made when what the merchant does around it fails', async () => {
    const before = await templates.list({ limit: 1 });
    const making = shop.app.get(Transactor, { strict: false }).run(async () => {
      await templates.create(input());
      throw new Error('the audit log could not be written');
    });
    await expect(making).rejects.toThrow('the audit log could not be written');
    expect(await templates.list({ limit: 1 })).toEqual(before);
  });

  it.each([
    ['more claims than coupons', 'update coupon_templates set claimed = total + 1 where id = $1'],
    ['two discounts', 'update coupon_templates set percent_off = 5 where id = $1'],
    ['no discount', 'update coupon_templates set amount_fen = null where id = $1'],
    ['a cap of a fixed amount', 'update coupon_templates set cap_fen = 5 where id = $1'],
    ['no validity', 'update coupon_templates set valid_days = null where id = $1'],
    ['an empty scope', `update coupon_templates set product_ids = '{}' where id = $1`],
  ])('PostgreSQL itself refuses %s', async (_, sql) => {
    const { id } = await templates.create(input());
    await expect(shop.database.query(sql, [id])).rejects.toMatchObject({ code: '23514' });
  });

  it.each([
    ['a used coupon of no order', 'update coupons set used_at = now() where id = $1', '23514'],
    [
      'a second coupon of one order',
      `with other as (select * from coupons where id <> $1 limit 1)
       update coupons set order_id = (select id from other), used_at = now()
       where id = $1 or id = (select id from other)`,
      '23505',
    ],
    [
      'a second first coupon of one user',
      `insert into coupons (id, template_id, user_id, ordinal, valid_from, valid_until, claimed_at)
       select gen_random_uuid(), template_id, user_id, ordinal, valid_from, valid_until, claimed_at
       from coupons where id = $1`,
      '23505',
    ],
  ])('PostgreSQL itself refuses %s', async (_, sql, code) => {
    await giveCoupon(shop.database, shopper);
    const couponId = await giveCoupon(shop.database, shopper);
    await expect(shop.database.query(sql, [couponId])).rejects.toMatchObject({ code });
  });
});
