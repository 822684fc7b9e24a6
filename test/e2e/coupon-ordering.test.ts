import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import {
  expireCoupon,
  giveCoupon,
  holderOf,
  offerCoupon,
  claim,
  type CouponBody,
} from '../support/coupons.ts';
import { stockGoods, stockOf } from '../support/goods.ts';
import type { Answer } from '../support/http.ts';
import { lockRow, waitingForLocks } from '../support/row-lock.ts';
import { Shopper } from '../support/shopper.ts';
import { until } from '../support/until.ts';

interface Amounts {
  readonly itemsFen: number;
  readonly freightFen: number;
  readonly discountFen: number;
  readonly totalFen: number;
}

interface Ordered {
  readonly id: string;
  readonly code: string;
  readonly reason?: string;
  readonly couponId?: string;
  readonly amounts: Amounts;
  readonly items: readonly {
    readonly skuId: string;
    readonly totalFen: number;
    readonly discountFen?: number;
  }[];
}

describe('ordering with a coupon', () => {
  let shop: TestApp;
  let shopper: Shopper;
  let addressId: string;
  beforeAll(async () => {
    shop = await startApp();
    shopper = await Shopper.login(shop);
    addressId = await shopper.addAddress();
  });
  afterAll(() => shop.stop());

  const bodyFor = (couponId: string, ...skuIds: readonly string[]) => ({
    items: skuIds.map(skuId => ({ skuId, quantity: 1 })),
    addressId,
    couponId,
  });
  const preview = (body: object, by = shopper) => by.post<Ordered>('/orders/preview', body);
  const place = (body: object, key: string | true = true) => shopper.post<Ordered>('/orders', body, { key });
  const goods = (priceFen: number, onHand = 10) => stockGoods(shop.database, { priceFen, onHand });

  /** Both ways in: what the preview refuses, ordering refuses too, for the same reason. */
  async function refusals(body: object): Promise<string[]> {
    const answers: Answer<Ordered>[] = [await preview(body), await place(body)];
    return answers.map(({ status, body: { code, reason } }) => [status, code, reason].join(' ').trim());
  }
  const both = (refusal: string) => [refusal, refusal];

  async function orderCount(): Promise<number> {
    const { rows } = await shop.database.query<{ count: number }>(
      'select count(*)::int as count from orders where user_id = $1',
      [shopper.userId],
    );
    return rows[0]!.count;
  }

  it('costs less by the coupon, line by line, the same in preview, order, database and payment', async () => {
    const [a, b, c] = [await goods(1_000), await goods(1_000), await goods(1_001)];
    const couponId = await giveCoupon(shop.database, shopper, { minimumFen: 3_001, amountFen: 500 });
    const body = bodyFor(couponId, a.skuId, b.skuId, c.skuId);
    const amounts = { itemsFen: 3_001, freightFen: 800, discountFen: 500, totalFen: 3_301 };
    const seen = await preview(body);
    expect(seen.body.amounts).toEqual(amounts);
    expect(await holderOf(shop.database, couponId)).toBeNull();
    const placed = await place(body);
    expect([placed.status, placed.body.amounts, placed.body.couponId]).toEqual([201, amounts, couponId]);
    expect(placed.body.items).toEqual(seen.body.items);
    expect(placed.body.items.map(({ discountFen }) => discountFen)).toEqual([167, 166, 167]);
    const shown = await shopper.get<Ordered>(`/orders/${placed.body.id}`);
    expect(shown.body).toEqual(placed.body);
    const { rows } = await shop.database.query(
      `select o.discount_fen, p.amount_fen, (select sum(discount_fen)::int from order_items where order_id = o.id) as lines
       from orders o join payments p on p.reference = o.number where o.id = $1`,
      [placed.body.id],
    );
    expect(rows).toEqual([{ discount_fen: 500, amount_fen: 3_301, lines: 500 }]);
    const mine = await shopper.get<{ items: CouponBody[] }>('/me/coupons?status=used');
    expect(mine.body.items).toMatchObject([{ id: couponId, status: 'used', orderId: placed.body.id }]);
  });

  it('takes off only what the coupon is for, and says nothing about other lines', async () => {
    const [tea, cup] = [await goods(2_000), await goods(3_000)];
    const ofCategory = { percentOff: 10, categoryIds: [tea.categoryId] };
    const ofProduct = { percentOff: 50, capFen: 700, productIds: [cup.productId] };
    const discountsOf = async (options: object) => {
      const couponId = await giveCoupon(shop.database, shopper, options);
      const { body } = await preview(bodyFor(couponId, tea.skuId, cup.skuId));
      return body.items.map(({ discountFen }) => discountFen);
    };
    expect(await discountsOf(ofCategory)).toEqual([200, undefined]);
    expect(await discountsOf(ofProduct)).toEqual([undefined, 700]);
  });

  it('still costs one fen where the coupon is worth more than the goods and freight is free', async () => {
    const { skuId } = await goods(9_000);
    const couponId = await giveCoupon(shop.database, shopper, { amountFen: 1_000_000 });
    const placed = await place(bodyFor(couponId, skuId));
    expect(placed.body.amounts).toEqual({ itemsFen: 9_000, freightFen: 0, discountFen: 8_999, totalFen: 1 });
    await shopper.pay(placed.body.id, { waitForNotify: true });
    await until('it is paid', async () => {
      const { rows } = await shop.database.query('select status from orders where id = $1', [placed.body.id]);
      return rows[0].status === 'paid';
    });
    expect(await holderOf(shop.database, couponId)).toBe(placed.body.id);
  });

  it('uses one coupon for exactly one of five orders at once, and undoes the others', async () => {
    const { skuId } = await goods(2_000);
    const couponId = await giveCoupon(shop.database, shopper);
    const before = await orderCount();
    // All have been quoted before the first one takes it.
    const lock = await lockRow(shop.database, 'coupons', couponId);
    const orders = Array.from({ length: 5 }, () => place(bodyFor(couponId, skuId)));
    await until('all orders wait', async () => (await waitingForLocks(shop.database)) === orders.length);
    await lock.release();
    const answers = await Promise.all(orders);
    const winners = answers.filter(({ status }) => status === 201);
    const losers = answers.filter(({ status }) => status !== 201);
    expect(winners).toHaveLength(1);
    for (const { status, body } of losers)
      expect([status, body.code, body.reason]).toEqual([422, 'coupon.not_usable', 'used']);
    expect(await holderOf(shop.database, couponId)).toBe(winners[0]!.body.id);
    expect(await orderCount()).toBe(before + 1);
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 10, reserved: 1 });
  });

  it('answers thirty taps of one order with its coupon alike', async () => {
    const { skuId } = await goods(2_000);
    const couponId = await giveCoupon(shop.database, shopper);
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 30 }, () => place(bodyFor(couponId, skuId), key)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]!.status).toBe(201);
    const later = await place(bodyFor(couponId, skuId), key);
    expect(later.text).toBe(answers[0]!.text);
  });

  it('keeps the coupon when the last unit went to somebody else', async () => {
    const [{ skuId }, couponId] = [await goods(2_000, 1), await giveCoupon(shop.database, shopper)];
    const other = await Shopper.login(shop);
    // Both have looked before the first one reserves.
    const lock = await lockRow(shop.database, 'coupons', couponId);
    const late = place(bodyFor(couponId, skuId));
    await until('the order waits', async () => (await waitingForLocks(shop.database)) === 1);
    await other.order(skuId);
    await lock.release();
    const answer = await late;
    expect([answer.status, answer.body.code]).toEqual([409, 'inventory.insufficient_stock']);
    expect(await holderOf(shop.database, couponId)).toBeNull();
  });

  it('does not take a coupon whose time ended between the price and the order', async () => {
    const [{ skuId }, couponId] = [await goods(2_000), await giveCoupon(shop.database, shopper)];
    const lock = await lockRow(shop.database, 'coupons', couponId);
    const late = place(bodyFor(couponId, skuId));
    await until('the order waits', async () => (await waitingForLocks(shop.database)) === 1);
    await lock.release(
      `update coupons set valid_from = now() - interval '1 day', valid_until = now() where id = $1`,
    );
    const answer = await late;
    expect([answer.status, answer.body.code, answer.body.reason]).toEqual([
      422,
      'coupon.not_usable',
      'expired',
    ]);
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 10, reserved: 0 });
  });

  it('knows nobody else’s coupon, and no coupon that does not exist', async () => {
    const { skuId } = await goods(2_000);
    const foreign = await giveCoupon(shop.database, await Shopper.login(shop));
    for (const couponId of [foreign, randomUUID(), 'c1', await offerCoupon(shop.database)])
      expect(await refusals(bodyFor(couponId, skuId))).toEqual(both('404 coupon.not_found'));
    expect(await holderOf(shop.database, foreign)).toBeNull();
  });

  it.each<[string, Json, string]>([
    ['below its threshold', { minimumFen: 2_001 }, 'below_minimum'],
    ['for other categories', { categoryIds: [randomUUID()] }, 'out_of_scope'],
    ['for other products', { productIds: [randomUUID()] }, 'out_of_scope'],
    ['worth less than a fen', { percentOff: 1, priceFen: 99 }, 'worth_nothing'],
  ])('is refused, and keeps the coupon, %s', async (_, { priceFen = 2_000, ...options }, reason) => {
    const { skuId } = await goods(priceFen as number);
    const couponId = await giveCoupon(shop.database, shopper, options);
    expect(await refusals(bodyFor(couponId, skuId))).toEqual(both(`422 coupon.not_usable ${reason}`));
    expect(await holderOf(shop.database, couponId)).toBeNull();
  });

  it('is refused outside the coupon’s time', async () => {
    const [{ skuId }, couponId] = [await goods(2_000), await giveCoupon(shop.database, shopper)];
    await shop.database.query(`update coupons set valid_from = now() + interval '1 day' where id = $1`, [
      couponId,
    ]);
    expect(await refusals(bodyFor(couponId, skuId))).toEqual(both('422 coupon.not_usable not_yet_valid'));
    await expireCoupon(shop.database, couponId);
    expect(await refusals(bodyFor(couponId, skuId))).toEqual(both('422 coupon.not_usable expired'));
  });

  it.each([
    [
      'more off a line than it costs',
      'update order_items set discount_fen = total_fen + 1 where order_id = $1',
    ],
    [
      'a line that costs more by its discount',
      'update order_items set discount_fen = -1 where order_id = $1',
    ],
    [
      'more off an order than its goods cost',
      `update orders set discount_fen = items_fen + 1, total_fen = freight_fen - 1 where id = $1`,
    ],
    [
      'an order of nothing',
      'update orders set discount_fen = items_fen + freight_fen, total_fen = 0 where id = $1',
    ],
  ])('PostgreSQL itself refuses %s', async (_, sql) => {
    const [{ skuId }, couponId] = [await goods(2_000), await giveCoupon(shop.database, shopper)];
    const { body } = await place(bodyFor(couponId, skuId));
    await expect(shop.database.query(sql, [body.id])).rejects.toMatchObject({ code: '23514' });
  });

  it('counts two lines of one SKU as one', async () => {
    const { skuId } = await goods(1_000);
    const couponId = await giveCoupon(shop.database, shopper, { minimumFen: 2_000, amountFen: 501 });
    const { body } = await preview(bodyFor(couponId, skuId, skuId));
    expect(body.items).toMatchObject([{ totalFen: 2_000, discountFen: 501 }]);
  });

  it('works from the cart as well', async () => {
    const { skuId } = await goods(2_000);
    const couponId = await giveCoupon(shop.database, shopper);
    await shopper.put(`/cart/items/${skuId}`, { quantity: 2 });
    const placed = await place({ fromCart: true, addressId, couponId });
    expect(placed.body.amounts).toMatchObject({ itemsFen: 4_000, discountFen: 500, totalFen: 4_300 });
  });

  it('stays good when the shop ends its template', async () => {
    const { skuId } = await goods(2_000);
    const templateId = await offerCoupon(shop.database);
    const couponId = (await claim(shopper, templateId)).body.id;
    await shop.database.query('update coupon_templates set ended_at = now() where id = $1', [templateId]);
    expect((await place(bodyFor(couponId, skuId))).status).toBe(201);
  });
});

type Json = Record<string, unknown>;
