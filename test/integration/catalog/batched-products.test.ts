import { register } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { CatalogService } from '../../../src/modules/catalog/catalog.service.ts';
import { Transactor } from '../../../src/platform/database/transactor.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods, type Goods } from '../../support/goods.ts';
import { call, type Answer } from '../../support/http.ts';
import { Shopper } from '../../support/shopper.ts';

interface Detail {
  readonly id: string;
  readonly skus: readonly { readonly id: string; readonly available: number }[];
}

/** How many statements there were, and how many ids they asked for. */
async function readsOf(read: string): Promise<{ readonly statements: number; readonly ids: number }> {
  const text = await register.getSingleMetricAsString('db_batched_read_size');
  const value = (part: string): number =>
    Number(new RegExp(`^db_batched_read_size_${part}{read="${read}"} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return { statements: value('count'), ids: value('sum') };
}

async function during(read: string, work: () => Promise<unknown>) {
  const before = await readsOf(read);
  await work();
  const after = await readsOf(read);
  return { statements: after.statements - before.statements, ids: after.ids - before.ids };
}

describe('products that many ask for at once', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp({ CACHE_ENABLED: 'false' });
  });
  afterAll(() => shop.stop());

  const ask = (id: string): Promise<Answer<Detail>> => call('GET', `${shop.url}/api/v1/products/${id}`);

  it('are few statements, and everybody gets what he asked for', async () => {
    const goods: Goods[] = [];
    for (let onHand = 1; onHand <= 20; onHand++) goods.push(await stockGoods(shop.database, { onHand }));
    const [withdrawn] = goods;
    await shop.database.query(`update products set status = 'withdrawn' where id = $1`, [
      withdrawn!.productId,
    ]);
    const asked = [...goods, ...goods, ...goods];
    // Connections are accepted one a turn: once they are there, what comes on them comes together.
    await Promise.all(asked.map(() => ask(newId())));
    let answers: Answer<Detail>[] = [];
    const { statements, ids } = await during('catalog.product', async () => {
      answers = await Promise.all([...asked.map(({ productId }) => ask(productId)), ask(newId())]);
    });
    expect(statements).toBeLessThan(asked.length / 4);
    expect(ids).toBeLessThan(asked.length);
    for (const [index, { status, body }] of answers.entries()) {
      const product = asked[index];
      if (!product || product === withdrawn) expect(status).toBe(404);
      else expect([body.id, body.skus[0]?.id]).toEqual([product.productId, product.skuId]);
    }
    expect(answers[39]?.body.skus[0]?.available).toBe(20);
  });

  it('have no units of a SKU that nobody ever stocked, and never those of others', async () => {
    const { productId, skuId } = await stockGoods(shop.database, { onHand: 7 });
    const unstocked = newId();
    await shop.database.query(
      `insert into skus (id, product_id, name, price_fen, position) values ($1, $2, '未入库', 100, 1)`,
      [unstocked, productId],
    );
    await shop.database.query('update stock_items set reserved = 3 where sku_id = $1', [skuId]);
    const { skus } = (await ask(productId)).body;
    expect(skus.map(({ id, available }) => [id, available])).toEqual([
      [skuId, 4],
      [unstocked, 0],
    ]);
  });

  it('are what a transaction has made of them to itself, and to nobody else', async () => {
    const { productId } = await stockGoods(shop.database, { name: '旧' });
    const catalog = shop.app.get(CatalogService, { strict: false });
    const transactor = shop.app.get(Transactor, { strict: false });
    const seen = await transactor.run(async () => {
      await transactor.execute('update products set name = $2 where id = $1', [productId, '新']);
      const outside = ask(productId);
      const { name } = await catalog.getProduct(productId);
      return [name, (await outside).text.includes('旧')];
    });
    expect(seen).toEqual(['新', true]);
  });

  it('are asked for with few reads of sessions that this process does not know yet', async () => {
    const { productId } = await stockGoods(shop.database);
    const shoppers = await Promise.all(Array.from({ length: 20 }, () => Shopper.login(shop)));
    const ended = shoppers[0]!;
    await shop.database.query('update sessions set revoked_at = now() where user_id = $1', [ended.userId]);
    let statuses: number[] = [];
    const { statements, ids } = await during('identity.session', async () => {
      statuses = await Promise.all(shoppers.map(async it => (await it.get(`/products/${productId}`)).status));
    });
    expect(ids).toBe(20);
    expect(statements).toBeLessThan(10);
    expect(statuses).toEqual([401, ...Array<number>(19).fill(200)]);
  });
});
