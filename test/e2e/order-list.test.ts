import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { stockGoods } from '../support/goods.ts';
import { Shopper } from '../support/shopper.ts';

interface Page {
  readonly items: readonly { readonly id: string; readonly status: string }[];
  readonly nextCursor?: string;
}

describe('the list of own orders', () => {
  let shop: TestApp;
  let shopper: Shopper;
  const placed: string[] = [];
  const cancelled: string[] = [];

  beforeAll(async () => {
    shop = await startApp();
    shopper = await Shopper.login(shop);
    const stranger = await Shopper.login(shop);
    const { skuId } = await stockGoods(shop.database, { onHand: 50 });
    for (let index = 0; index < 8; index++) {
      const { id } = await shopper.order(skuId);
      placed.unshift(id);
      await stranger.order(skuId);
      if (index % 3 !== 0) continue;
      await shopper.post(`/orders/${id}/cancel`);
      cancelled.unshift(id);
    }
  });
  afterAll(() => shop.stop());

  /** Follows the cursors; `between` runs after every page. */
  async function walk(
    query: string,
    between: () => Promise<unknown> = async () => undefined,
    as = shopper,
  ): Promise<string[]> {
    const seen: string[] = [];
    for (let cursor: string | undefined; ;) {
      const { status, body } = await as.get<Page>(`/orders?${query}${cursor ? `&cursor=${cursor}` : ''}`);
      expect(status).toBe(200);
      seen.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor;
      if (cursor === undefined) return seen;
      await between();
    }
  }

  it.each([1, 3, 4, 8, 50])('shows every own order once, newest first, in pages of %i', async limit => {
    expect(await walk(`limit=${limit}`)).toEqual(placed);
  });

  it('filters by status across pages', async () => {
    expect(await walk('limit=2&status=cancelled')).toEqual(cancelled);
    expect(await walk('limit=2&status=awaiting_payment')).toEqual(
      placed.filter(id => !cancelled.includes(id)),
    );
    expect(await walk('status=paid')).toEqual([]);
  });

  it('neither repeats nor skips an order when new ones arrive between pages', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 50 });
    const buyer = await Shopper.login(shop);
    const before: string[] = [];
    for (let index = 0; index < 5; index++) before.unshift((await buyer.order(skuId)).id);
    const seen = await walk('limit=2', () => buyer.order(skuId), buyer);
    expect(seen).toEqual(before);
  });

  it('continues nobody else’s list', async () => {
    const { body } = await shopper.get<Page>('/orders?limit=1');
    const newcomer = await Shopper.login(shop);
    const theirs = await newcomer.get<Page>(`/orders?cursor=${body.nextCursor}`);
    expect(theirs.body).toEqual({ items: [] });
  });
});
