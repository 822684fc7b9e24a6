import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CartView } from '../../../src/modules/cart/cart.schema.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods, type Goods, type GoodsOptions } from '../../support/goods.ts';
import type { Answer } from '../../support/http.ts';
import { holdLock, waitingForLocks } from '../../support/row-lock.ts';
import { Shopper } from '../../support/shopper.ts';
import { until } from '../../support/until.ts';

const maxLines = 3;

describe('a cart', () => {
  let shop: TestApp;
  let shopper: Shopper;
  beforeAll(async () => {
    shop = await startApp({ CART_MAX_LINES: String(maxLines) });
  });
  beforeEach(async () => {
    shopper = await Shopper.login(shop);
  });
  afterAll(() => shop.stop());

  const goods = (options: GoodsOptions = {}): Promise<Goods> => stockGoods(shop.database, options);

  /** One after another, so that their ids ascend. */
  async function manyGoods(count: number): Promise<string[]> {
    const skuIds: string[] = [];
    while (skuIds.length < count) skuIds.push((await goods()).skuId);
    return skuIds.sort();
  }

  function put<T = CartView>(skuId: string, quantity: number): Promise<Answer<T>> {
    return shopper.put<T>(`/cart/items/${skuId}`, { quantity });
  }

  const remove = (skuId: string): Promise<Answer> => shopper.send('DELETE', `/cart/items/${skuId}`);

  async function cart(): Promise<CartView> {
    return (await shopper.get<CartView>('/cart')).body;
  }

  async function lines(): Promise<[string, number][]> {
    return (await cart()).items.map(({ skuId, quantity }) => [skuId, quantity]);
  }

  it('is empty at first, and then holds what was put into it, as it is sold now', async () => {
    expect(await cart()).toEqual({ items: [], totalFen: 0 });
    const { skuId, productId } = await goods({ onHand: 7, priceFen: 1_290, name: '橙子' });
    const answer = await put(skuId, 2);
    const line = {
      skuId,
      productId,
      productName: '橙子',
      skuName: '标准装',
      specs: [{ name: '规格', value: '标准装' }],
      imageUrl: `${shop.url}/media/x.svg`,
      priceFen: 1_290,
      quantity: 2,
      totalFen: 2_580,
      available: 7,
      state: 'ok',
    };
    expect([answer.status, answer.body]).toEqual([200, { items: [line], totalFen: 2_580 }]);
    expect(await cart()).toEqual(answer.body);
  });

  it('keeps its lines in the order they were added, also when one of them is changed', async () => {
    const [a, b, c] = (await manyGoods(3)) as [string, string, string];
    for (const skuId of [c, a, b]) await put(skuId, 1);
    await put(a, 5);
    expect(await lines()).toEqual([
      [c, 1],
      [a, 5],
      [b, 1],
    ]);
  });

  it('loses the line that is removed, and no other', async () => {
    const [a, b] = (await manyGoods(2)) as [string, string];
    for (const skuId of [a, b]) await put(skuId, 1);
    expect((await remove(a)).status).toBe(204);
    expect(await lines()).toEqual([[b, 1]]);
    expect((await remove(a)).status).toBe(204);
    expect(await lines()).toEqual([[b, 1]]);
  });

  it('is not emptied by somebody else', async () => {
    const { skuId } = await goods();
    await put(skuId, 1);
    const other = await Shopper.login(shop);
    await other.send('DELETE', `/cart/items/${skuId}`);
    expect(await lines()).toEqual([[skuId, 1]]);
  });

  it('that is full takes changes and no new line, until one is removed', async () => {
    const [extra, ...fitting] = (await manyGoods(maxLines + 1)) as [string, ...string[]];
    for (const skuId of fitting) expect((await put(skuId, 1)).status).toBe(200);
    const full = await put<Record<string, unknown>>(extra, 1);
    expect(full.body).toMatchObject({ status: 409, code: 'cart.full', maxLines });
    expect((await put(fitting[0]!, 2)).status).toBe(200);
    expect(await lines()).toHaveLength(maxLines);
    await remove(fitting[0]!);
    expect((await put(extra, 1)).status).toBe(200);
  });

  it('is not overfilled by many taps at once', async () => {
    const [first, ...taps] = (await manyGoods(9)) as [string, ...string[]];
    await put(first, 1);
    // Each has counted the lines, and waits for its own to be written or not.
    const unwritten = 'insert into cart_items (user_id, sku_id, quantity) select $1, unnest($2::uuid[]), 1';
    const gate = await holdLock(shop.database, unwritten, [shopper.userId, taps]);
    const putting = taps.map(skuId => put(skuId, 1));
    await until('all taps wait', async () => (await waitingForLocks(shop.database)) === taps.length);
    await gate.release();
    const statuses = (await Promise.all(putting)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, 409, 409, 409, 409, 409, 409]);
    expect(await lines()).toHaveLength(maxLines);
  });

  it('gets one line from twins of the tap that fills it, and both are told so', async () => {
    const [first, second, last] = (await manyGoods(maxLines)) as [string, string, string];
    for (const skuId of [first, second]) await put(skuId, 1);
    const twins = await Promise.all([put(last, 1), put(last, 1), put(last, 1)]);
    expect(twins.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await lines()).toHaveLength(maxLines);
  });

  it('keeps a line that is changed while another tap removes it', async () => {
    const [other, line] = (await manyGoods(2)) as [string, string];
    for (const skuId of [other, line]) await put(skuId, 1);
    const mine = [shopper.userId, line];
    const removal = await holdLock(
      shop.database,
      'delete from cart_items where user_id = $1 and sku_id = $2',
      mine,
    );
    const changing = put(line, 2);
    await until('the change waits', async () => (await waitingForLocks(shop.database)) === 1);
    await removal.release('select $1::uuid, $2::uuid');
    const changed = [
      [other, 1],
      [line, 2],
    ];
    const { status, body } = await changing;
    expect([status, body.items.map(({ skuId, quantity }) => [skuId, quantity])]).toEqual([200, changed]);
    expect(await lines()).toEqual(changed);
  });

  it('answers with what other taps have put in while it was written', async () => {
    const [mine, theirs] = (await manyGoods(2)) as [string, string];
    const putByOther = 'insert into cart_items (user_id, sku_id, quantity) values ($1, $2, 1)';
    const cartLock = `select pg_advisory_xact_lock(hashtextextended('cart ' || $1, 0)), $2::text`;
    const gate = await holdLock(shop.database, cartLock, [shopper.userId, theirs]);
    const putting = put(mine, 1);
    await until('the tap waits', async () => (await waitingForLocks(shop.database)) === 1);
    await gate.release(putByOther);
    const { body } = await putting;
    expect(body.items.map(({ skuId, state }) => [skuId, state]).sort()).toEqual([
      [mine, 'ok'],
      [theirs, 'ok'],
    ]);
  });

  it('says so when the stock has fallen below a line, and does not count it', async () => {
    const [scarce, plenty] = [await goods({ onHand: 5 }), await goods({ onHand: 9, priceFen: 300 })];
    await put(scarce.skuId, 4);
    await put(plenty.skuId, 2);
    await shop.database.query('update stock_items set reserved = 2 where sku_id = $1', [scarce.skuId]);
    expect(await cart()).toMatchObject({
      items: [
        { skuId: scarce.skuId, quantity: 4, available: 3, state: 'beyond_stock' },
        { skuId: plenty.skuId, quantity: 2, available: 9, state: 'ok' },
      ],
      totalFen: 600,
    });
    await put(scarce.skuId, 3);
    expect((await cart()).items[0]).toMatchObject({ quantity: 3, available: 3, state: 'ok' });
  });

  it('shows the price of now, not that of when it was filled', async () => {
    const { skuId } = await goods({ priceFen: 1_000 });
    await put(skuId, 3);
    await shop.database.query('update skus set price_fen = 1200 where id = $1', [skuId]);
    expect(await cart()).toMatchObject({ items: [{ priceFen: 1_200, totalFen: 3_600 }], totalFen: 3_600 });
  });

  it.each([
    ['SKU', `update skus set status = 'withdrawn' where id = $1`],
    [
      'product',
      `update products set status = 'withdrawn' where id = (select product_id from skus where id = $1)`,
    ],
  ])('keeps a line whose %s is withdrawn, but sells none of it', async (_, withdraw) => {
    const { skuId } = await goods();
    await put(skuId, 1);
    await shop.database.query(withdraw, [skuId]);
    expect(await cart()).toMatchObject({
      items: [{ skuId, quantity: 1, available: 0, state: 'withdrawn' }],
      totalFen: 0,
    });
    const refused = await put<Record<string, unknown>>(skuId, 2);
    expect(refused.body).toMatchObject({ status: 409, code: 'cart.sku_withdrawn', skuId });
    await remove(skuId);
    expect(await lines()).toEqual([]);
  });

  it('takes no more than there is, and says how many that are', async () => {
    const { skuId } = await goods({ onHand: 5 });
    await put(skuId, 2);
    await shop.database.query('update stock_items set reserved = 1 where sku_id = $1', [skuId]);
    const refused = await put<Record<string, unknown>>(skuId, 5);
    expect(refused.body).toMatchObject({
      status: 409,
      code: 'cart.beyond_stock',
      skuId,
      requested: 5,
      available: 4,
    });
    expect(await lines()).toEqual([[skuId, 2]]);
    expect((await put(skuId, 4)).status).toBe(200);
  });

  it.each(['00000000-0000-7000-8000-000000000000', 'nonsense', "'--"])(
    'takes nothing that the shop does not sell: %s',
    async skuId => {
      const answer = await put<Record<string, unknown>>(encodeURIComponent(skuId), 1);
      expect(answer.body).toMatchObject({ status: 404, code: 'cart.sku_not_found' });
      expect(await lines()).toEqual([]);
    },
  );

  it.each([0, -1, 1.5, 1_000, '1', null])('takes no line of %o units', async quantity => {
    const { skuId } = await goods({ onHand: 2_000 });
    expect((await shopper.put(`/cart/items/${skuId}`, { quantity })).status).toBe(400);
    expect(await lines()).toEqual([]);
  });
});
