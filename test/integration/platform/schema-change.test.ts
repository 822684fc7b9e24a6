import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods } from '../../support/goods.ts';
import { call, type Answer } from '../../support/http.ts';
import { Shopper } from '../../support/shopper.ts';
import { startSibling } from '../../support/sibling.ts';
import { until } from '../../support/until.ts';

describe('a newer version migrates while this one serves', () => {
  let shop: TestApp;
  let shopper: Shopper;
  let skuId: string;
  beforeAll(async () => {
    // Few connections: what PostgreSQL remembers of a statement is remembered on all of them.
    shop = await startApp({ DATABASE_POOL_MAX: '2' });
    shopper = await Shopper.login(shop);
    ({ skuId } = await stockGoods(shop.database, { onHand: 500 }));
  });
  afterAll(() => shop.stop());

  const look = (): Promise<Answer> => shopper.get('/orders');
  const browse = (): Promise<Answer> => call('GET', `${shop.url}/api/v1/products?limit=5`);

  async function order(): Promise<Answer> {
    const { id } = await shopper.order(skuId);
    return shopper.get(`/orders/${id}`);
  }

  /** Everything that this version reads and writes, again and again, until told to stop. */
  async function serve(stop: AbortSignal): Promise<readonly number[]> {
    const statuses: number[] = [];
    while (!stop.aborted) {
      const answers = await Promise.all([look(), browse(), order()]);
      statuses.push(...answers.map(({ status }) => status));
    }
    return statuses;
  }

  it.each([
    ['a new column', 'alter table orders add column gift_note text'],
    ['a new column with a default', `alter table products add column badge text not null default ''`],
    ['a column that is made wider', 'alter table skus alter column name type varchar(400)'],
    ['a new index', 'create index concurrently products_by_price on products (price_fen)'],
    ['a new table', 'create table gifts (id uuid primary key, order_id uuid not null)'],
    ['a new column and a new check', 'alter table orders add column weight_g int check (weight_g > 0)'],
  ])('answers every request through %s', async (_, sql) => {
    await Promise.all([look(), browse(), order(), look(), browse(), order()]);
    const stop = new AbortController();
    const serving = serve(stop.signal);
    await shop.database.query(sql);
    const after = await Promise.all([look(), browse(), order()]);
    stop.abort();
    expect(after.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(await serving)).toEqual(new Set([200]));
  });

  it('stays ready, and can be started once more, although a migration has run that it does not know', async () => {
    await shop.database.query(
      `insert into migrations (timestamp, name) values (29990101000000, 'AddGifts29990101000000')`,
    );
    const old = await startSibling(shop);
    await until('it has asked again', async () => (await call('GET', `${shop.url}/readyz`)).status === 200);
    expect((await call('GET', `${old.url}/api/v1/products`)).status).toBe(200);
    await old.stop();
    expect((await order()).status).toBe(200);
  });
});
