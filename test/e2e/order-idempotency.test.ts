import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { replayLedger, stockGoods, stockOf } from '../support/goods.ts';
import { Shopper, type OrderBody } from '../support/shopper.ts';

interface Problem {
  readonly code: string;
}

describe('ordering with an idempotency key', () => {
  let shop: TestApp;
  let shopper: Shopper;
  let addressId: string;
  beforeAll(async () => {
    shop = await startApp();
    shopper = await Shopper.login(shop);
    addressId = await shopper.addAddress();
  });
  afterAll(() => shop.stop());

  const place = (body: object, key: string | undefined, by = shopper) =>
    by.post<OrderBody & Problem>('/orders', body, { key });

  async function ordersOf(userId: string, skuId: string): Promise<number> {
    const { rows } = await shop.database.query(
      'select distinct o.id from orders o join order_items i on i.order_id = o.id where o.user_id = $1 and i.sku_id = $2',
      [userId, skuId],
    );
    return rows.length;
  }

  it('places one order for fifty taps at once, and answers all of them with the same bytes', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 50 });
    const [key, body] = [randomUUID(), { items: [{ skuId, quantity: 1 }], addressId }];
    const answers = await Promise.all(Array.from({ length: 50 }, () => place(body, key)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const firsts = answers.filter(({ headers }) => headers.get('idempotency-replayed') === null);
    const replays = answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true');
    expect([firsts.length, replays.length]).toEqual([1, 49]);
    expect(await ordersOf(shopper.userId, skuId)).toBe(1);
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 50, reserved: 1 });
    expect(await replayLedger(shop.database, skuId)).toEqual({ onHand: 50, reserved: 1 });
  });

  it('gives a retry its order although that order took the last unit, emptied the cart and was cancelled since', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 1 });
    await shopper.put(`/cart/items/${skuId}`, { quantity: 1 });
    const [key, body] = [randomUUID(), { fromCart: true, addressId }];
    const first = await place(body, key);
    expect(first.status).toBe(201);
    const again = await place(body, key);
    await shopper.post(`/orders/${first.body.id}/cancel`);
    const later = await place(body, key);
    expect([again.status, again.text, later.text]).toEqual([201, first.text, first.text]);
  });

  it.each([1, 2, 3])(
    'gives every tap at once its order, though the first took the cart and the last unit (%i)',
    async () => {
      const { skuId } = await stockGoods(shop.database, { onHand: 1 });
      await shopper.put(`/cart/items/${skuId}`, { quantity: 1 });
      const [key, body] = [randomUUID(), { fromCart: true, addressId }];
      const answers = await Promise.all(Array.from({ length: 30 }, () => place(body, key)));
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      expect(answers[0]!.status).toBe(201);
    },
  );

  it('takes the same order written in another sequence of fields as the same', async () => {
    const { skuId } = await stockGoods(shop.database);
    const key = randomUUID();
    const first = await place({ items: [{ skuId, quantity: 2 }], addressId, remark: ' 快 ' }, key);
    const again = await place({ remark: '快', addressId, items: [{ quantity: 2, skuId }] }, key);
    expect([again.status, again.text]).toEqual([201, first.text]);
  });

  it('refuses a key that was used for another order', async () => {
    const { skuId } = await stockGoods(shop.database);
    const key = randomUUID();
    await place({ items: [{ skuId, quantity: 1 }], addressId }, key);
    const other = await place({ items: [{ skuId, quantity: 2 }], addressId }, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.key_reused']);
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 10, reserved: 1 });
  });

  it('places nothing for two different orders under one key at once but one of them', async () => {
    const { skuId } = await stockGoods(shop.database);
    const key = randomUUID();
    const answers = await Promise.all(
      [1, 2].map(quantity => place({ items: [{ skuId, quantity }], addressId }, key)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
    expect(await ordersOf(shopper.userId, skuId)).toBe(1);
  });

  it.each([undefined, ''])('asks for the key when it is %j', async key => {
    const { skuId } = await stockGoods(shop.database);
    const answer = await place({ items: [{ skuId, quantity: 1 }], addressId }, key);
    expect([answer.status, answer.body.code]).toEqual([400, 'idempotency.key_required']);
    expect(await ordersOf(shopper.userId, skuId)).toBe(0);
  });

  it('keeps keys of different shoppers apart', async () => {
    const { skuId } = await stockGoods(shop.database);
    const other = await Shopper.login(shop);
    const key = randomUUID();
    const mine = await place({ items: [{ skuId, quantity: 1 }], addressId }, key);
    const theirs = await place(
      { items: [{ skuId, quantity: 1 }], addressId: await other.addAddress() },
      key,
      other,
    );
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.body.id).not.toBe(mine.body.id);
    expect(theirs.headers.get('idempotency-replayed')).toBeNull();
  });

  it('leaves the key free after an attempt that failed, early or inside the transaction', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 1 });
    const key = randomUUID();
    const nowhere = await place({ items: [{ skuId, quantity: 1 }], addressId: randomUUID() }, key);
    expect(nowhere.status).toBe(404);
    const tooMany = await place({ items: [{ skuId, quantity: 2 }], addressId }, key);
    expect(tooMany.status).toBe(409);
    const placed = await place({ items: [{ skuId, quantity: 1 }], addressId }, key);
    expect(placed.status).toBe(201);
  });
});
