import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { Coupons } from '../../../src/modules/promotion/promotion.contract.ts';
import { Transactor } from '../../../src/platform/database/transactor.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { giveCoupon, holderOf } from '../../support/coupons.ts';
import { Shopper } from '../../support/shopper.ts';

describe('a coupon in a transaction', () => {
  let shop: TestApp;
  let coupons: Coupons;
  let shopper: Shopper;
  beforeAll(async () => {
    shop = await startApp();
    coupons = shop.app.get(Coupons, { strict: false });
    shopper = await Shopper.login(shop);
  });
  afterAll(() => shop.stop());

  it('is taken by its owner only, though nobody had asked for its price', async () => {
    const couponId = await giveCoupon(shop.database, shopper);
    const taking = coupons.redeem(newId(), couponId, newId());
    await expect(taking).rejects.toMatchObject({ code: 'coupon.not_found' });
    expect(await holderOf(shop.database, couponId)).toBeNull();
  });

  it('is free again when the order around it fails', async () => {
    const couponId = await giveCoupon(shop.database, shopper);
    const placing = shop.app.get(Transactor, { strict: false }).run(async () => {
      await coupons.redeem(shopper.userId, couponId, newId());
      throw new Error('the order could not be written');
    });
    await expect(placing).rejects.toThrow('the order could not be written');
    expect(await holderOf(shop.database, couponId)).toBeNull();
  });

  it('is the second coupon of no order', async () => {
    const [first, second] = [
      await giveCoupon(shop.database, shopper),
      await giveCoupon(shop.database, shopper),
    ];
    const orderId = newId();
    await coupons.redeem(shopper.userId, first, orderId);
    await expect(coupons.redeem(shopper.userId, second, orderId)).rejects.toThrow('coupons_one_an_order');
    expect(await holderOf(shop.database, second)).toBeNull();
  });

  it('is kept by its order when another one, or none, is released', async () => {
    const [couponId, orderId] = [await giveCoupon(shop.database, shopper), newId()];
    await coupons.redeem(shopper.userId, couponId, orderId);
    await coupons.release(newId());
    expect(await holderOf(shop.database, couponId)).toBe(orderId);
    await Promise.all(Array.from({ length: 10 }, () => coupons.release(orderId)));
    expect(await holderOf(shop.database, couponId)).toBeNull();
  });
});
