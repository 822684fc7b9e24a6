import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { couponTemplateInput, CouponTemplates } from '../../../src/modules/promotion/promotion.contract.ts';
import { seedCatalog } from '../../../tools/seed/seed-catalog.ts';
import { demoCoupons, seedCoupons } from '../../../tools/seed/seed-coupons.ts';
import { startApp, type TestApp } from '../../support/app.ts';

describe('the coupons of the demo shop', () => {
  let shop: TestApp;
  let seeded: readonly boolean[];
  beforeAll(async () => {
    shop = await startApp();
    const client = new pg.Client({ connectionString: shop.env['DATABASE_URL'] });
    await client.connect();
    await seedCatalog(client, { products: 20 });
    seeded = [await seedCoupons(client), await seedCoupons(client)];
    await client.end();
  });
  afterAll(() => shop.stop());

  it('are made once, and are what a merchant could have made', async () => {
    expect(seeded).toEqual([true, false]);
    const templates = shop.app.get(CouponTemplates, { strict: false });
    const { items } = await templates.list({ limit: 50 });
    expect(items.map(({ name }) => name)).toEqual(demoCoupons.map(({ name }) => name).toReversed());
    for (const { id: _, createdAt, endedAt, claimed, used, ...fields } of items) {
      expect([endedAt, claimed, used]).toEqual([undefined, 0, 0]);
      expect(Date.parse(createdAt)).toBe(Date.parse(fields.claimFrom));
      expect(await templates.create(couponTemplateInput.parse(fields))).toMatchObject({ name: fields.name });
    }
  });
});
