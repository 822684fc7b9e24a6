import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { replayLedger, stockGoods, stockOf } from '../support/goods.ts';
import { holdLock, waitingForLocks } from '../support/row-lock.ts';
import { Shopper, type OrderBody } from '../support/shopper.ts';
import { until } from '../support/until.ts';

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

  it('keeps no answer of an order that failed at the very last, though it was written down first', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 1 });
    const [key, body] = [randomUUID(), { items: [{ skuId, quantity: 1 }], addressId }];
    const sale = await holdLock(shop.database, 'select 1 from stock_items where sku_id = $1 for update', [
      skuId,
    ]);
    const placing = place(body, key);
    await until('the order waits for the stock', async () => (await waitingForLocks(shop.database)) === 1);
    await sale.release('update stock_items set reserved = 1 where sku_id = $1');
    expect((await placing).body.code).toBe('inventory.insufficient_stock');
    await shop.database.query('update stock_items set reserved = 0 where sku_id = $1', [skuId]);
    const again = await place(body, key);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, null]);
    expect(await ordersOf(shopper.userId, skuId)).toBe(1);
  });

  it('takes an expired key as a new one, and forgets it by itself', async () => {
    const { skuId } = await stockGoods(shop.database);
    const key = randomUUID();
    const body = { items: [{ skuId, quantity: 1 }], addressId };
    const expire = () =>
      shop.database.query(
        `update idempotency_keys set expires_at = now() - interval '1 second' where key = $1`,
        [key],
      );
    const first = await place(body, key);
    await expire();
    const second = await place(body, key);
    expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([201, null]);
    expect(second.body.id).not.toBe(first.body.id);
    await expire();
    await until('it is forgotten', async () => {
      const { rowCount } = await shop.database.query('select 1 from idempotency_keys where key = $1', [key]);
      return rowCount === 0;
    });
  });
});

describe('a first request that takes long', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp({
      DATABASE_POOL_MAX: '2',
      DATABASE_ACQUIRE_TIMEOUT: '300ms',
      DATABASE_LOCK_TIMEOUT: '1s',
      QUEUE_CONSUME: 'false',
    });
  });
  afterAll(() => shop.stop());

  it('is waited for without a connection by the many that repeat it, until they are told to come back', async () => {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const body = { items: [{ skuId, quantity: 1 }], addressId: await shopper.addAddress() };
    const key = randomUUID();
    const first = await holdKey(shopper.userId, key);
    const repeat = () => shopper.post<OrderBody & Problem>('/orders', body, { key });
    const repeats = Promise.all(Array.from({ length: 10 }, repeat));
    for (let turn = 0; turn < 10; turn++) expect((await shopper.get('/me')).status).toBe(200);
    for (const { status, body: problem, headers } of await repeats)
      expect([status, problem.code, headers.get('retry-after')]).toEqual([
        409,
        'idempotency.in_progress',
        '1',
      ]);
    await first.release();
    expect((await repeat()).status).toBe(201);
  });

  /** As a transaction does that has claimed the key and is still open. */
  async function holdKey(ownerId: string, key: string): Promise<{ release(): Promise<void> }> {
    const client = await shop.database.connect();
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(hashtextextended($1 || '/' || $2, 0))`, [ownerId, key]);
    return {
      async release() {
        await client.query('rollback');
        client.release();
      },
    };
  }
});
