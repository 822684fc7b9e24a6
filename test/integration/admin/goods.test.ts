import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods, type Goods } from '../../support/goods.ts';
import { call, type Answer } from '../../support/http.ts';
import { waitingForLocks } from '../../support/row-lock.ts';
import { Shopper } from '../../support/shopper.ts';
import { Staff } from '../../support/staff.ts';
import { until } from '../../support/until.ts';

interface Sku {
  readonly id: string;
  readonly priceFen: number;
  readonly status: string;
}

interface Product {
  readonly id: string;
  readonly name: string;
  readonly priceFen: number;
  readonly status: string;
  readonly skus: readonly Sku[];
}

interface List<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

describe('the goods', () => {
  let shop: TestApp;
  let manager: Staff;
  beforeAll(async () => {
    shop = await startApp();
    manager = await Staff.hire(shop, 'manager');
  });
  afterAll(() => shop.stop());

  const seen = <T>(path: string): Promise<Answer<T>> => call<T>('GET', `${shop.url}/api/v1${path}`);
  const newName = (): string => `茶 ${randomUUID().slice(0, 8)}`;

  async function category(): Promise<string> {
    const answer = await manager.post<{ id: string }>('/categories', { name: newName() });
    expect(answer.status).toBe(201);
    return answer.body.id;
  }

  async function create(
    prices: readonly number[],
    more: Record<string, unknown> = {},
  ): Promise<Answer<Product>> {
    const skus = prices.map((priceFen, index) => ({ name: `规格 ${index}`, priceFen }));
    const body = { categoryId: await category(), name: newName(), imagePaths: ['/media/tea/a.png'], skus };
    return manager.post<Product>('/products', { ...body, ...more });
  }

  async function onSale(prices: readonly number[], more: Record<string, unknown> = {}): Promise<Product> {
    const { body } = await create(prices, more);
    expect((await manager.post(`/products/${body.id}/put-on-sale`)).status).toBe(200);
    return body;
  }

  const get = async (id: string): Promise<Product> => (await manager.get<Product>(`/products/${id}`)).body;

  it('are seen by shoppers once they are put on sale, and not a moment before', async () => {
    const { status, body } = await create([990, 490], { subtitle: '明前', marketPriceFen: 1_500 });
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: 'withdrawn', priceFen: 490, marketPriceFen: 1_500, sales: 0 });
    expect((await seen(`/products/${body.id}`)).status).toBe(404);
    await manager.post(`/products/${body.id}/put-on-sale`);
    const { body: product } = await seen<Product & { imageUrls: string[] }>(`/products/${body.id}`);
    expect(product).toMatchObject({ name: body.name, priceFen: 490, subtitle: '明前' });
    expect(product.imageUrls).toEqual([`${shop.url}/media/tea/a.png`]);
    expect(product.skus.map(({ priceFen }) => priceFen)).toEqual([990, 490]);
  });

  it('that are withdrawn cannot be ordered any more, and what was ordered stays', async () => {
    const { productId, skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    expect((await manager.post(`/products/${productId}/withdraw`)).body).toMatchObject({
      status: 'withdrawn',
    });
    await expect(shopper.order(skuId)).rejects.toThrow('order.sku_not_sellable');
    expect((await shopper.get(`/orders/${order.id}`)).status).toBe(200);
    expect((await manager.get(`/products/${productId}`)).body).toMatchObject({ status: 'withdrawn' });
  });

  it('change only in the fields that are sent, and an empty text takes one away', async () => {
    const product = await onSale([500], { subtitle: '明前', description: '一\n二', marketPriceFen: 900 });
    const patch = (body: object) => manager.patch(`/products/${product.id}`, body);
    expect((await patch({ name: '碧螺春' })).body).toMatchObject({
      name: '碧螺春',
      subtitle: '明前',
      description: '一\n二',
      marketPriceFen: 900,
      imagePaths: ['/media/tea/a.png'],
    });
    const { body } = await patch({ subtitle: '', description: '', marketPriceFen: 0 });
    expect(Object.keys(body)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/subtitle|description|market/)]),
    );
    expect((await seen<Product>(`/products/${product.id}`)).body).not.toHaveProperty('subtitle');
  });

  it('are priced by the cheapest SKU that can be bought', async () => {
    const product = await onSale([900, 500, 700]);
    const [, cheapest, middle] = product.skus;
    const price = async (): Promise<number> => (await get(product.id)).priceFen;
    await manager.patch(`/skus/${cheapest!.id}`, { priceFen: 800 });
    expect(await price()).toBe(700);
    await manager.post(`/skus/${middle!.id}/withdraw`);
    expect(await price()).toBe(800);
    await manager.post(`/products/${product.id}/skus`, { name: '试用装', priceFen: 100 });
    expect(await price()).toBe(100);
    await manager.post(`/skus/${middle!.id}/put-on-sale`);
    expect(await price()).toBe(100);
    const listed = await seen<List<Product>>(`/products?sort=price_asc&limit=1`);
    expect(listed.body.items[0]!.priceFen).toBe(100);
  });

  it('are priced right when two prices rise at the same moment, neither knowing of the other', async () => {
    const product = await onSale([500, 700, 900]);
    const gate = await shop.database.connect();
    await gate.query('begin');
    await gate.query('select 1 from products where id = $1 for update', [product.id]);
    const rises = [1_000, 1_200].map((priceFen, index) =>
      manager.patch(`/skus/${product.skus[index]!.id}`, { priceFen }),
    );
    await until('both wait', async () => (await waitingForLocks(shop.database)) === 2);
    await gate.query('commit');
    gate.release();
    expect((await Promise.all(rises)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await get(product.id)).priceFen).toBe(900);
  });

  it('are priced right when many change prices, withdraw and bring back at once', async () => {
    const product = await onSale(Array.from({ length: 6 }, (_, index) => 1_000 + index));
    await Promise.all(
      product.skus.flatMap(({ id }, index) => [
        manager.patch(`/skus/${id}`, { priceFen: 500 + index * 7 }),
        manager.post(`/skus/${id}/${index % 2 ? 'withdraw' : 'put-on-sale'}`),
        manager.post(`/products/${product.id}/skus`, { name: `又一 ${index}`, priceFen: 2_000 + index }),
      ]),
    );
    const after = await get(product.id);
    expect(after.skus).toHaveLength(12);
    const prices = after.skus.filter(({ status }) => status === 'on_sale').map(({ priceFen }) => priceFen);
    expect(after.priceFen).toBe(Math.min(...prices));
  });

  it('on sale never lose the last SKU that can be bought, not even both of two at once', async () => {
    const product = await onSale([500, 700]);
    const withdraw = ({ id }: Sku) => manager.post(`/skus/${id}/withdraw`);
    const answers = await Promise.all(product.skus.map(withdraw));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const refused = answers.find(({ status }) => status === 409)!;
    expect(refused.body).toMatchObject({ code: 'catalog.nothing_to_sell' });
    const { skus } = await get(product.id);
    expect(skus.filter(({ status }) => status === 'on_sale')).toHaveLength(1);
  });

  it('without a SKU to sell do not go on sale', async () => {
    const { body } = await create([500]);
    await manager.post(`/skus/${body.skus[0]!.id}/withdraw`);
    const answer = await manager.post(`/products/${body.id}/put-on-sale`);
    expect([answer.status, answer.body['code']]).toEqual([409, 'catalog.nothing_to_sell']);
    expect((await get(body.id)).status).toBe('withdrawn');
  });

  it('are never crossed out at less than they cost', async () => {
    const cheap = await create([500], { marketPriceFen: 499 });
    const product = await onSale([500, 700], { marketPriceFen: 600 });
    const answers: readonly Answer<unknown>[] = [
      cheap,
      await manager.patch(`/products/${product.id}`, { marketPriceFen: 499 }),
      await manager.patch(`/skus/${product.skus[0]!.id}`, { priceFen: 650 }),
      await manager.post(`/skus/${product.skus[0]!.id}/withdraw`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422]);
    for (const { text } of answers) expect(text).toContain('catalog.market_price_too_low');
    expect(await get(product.id)).toMatchObject({ priceFen: 500, marketPriceFen: 600 });
  });

  it('are found by name and category with what is withdrawn, page by page', async () => {
    const categoryId = await category();
    const name = newName();
    const made: string[] = [];
    for (let i = 0; i < 5; i++)
      made.push((await create([100 + i], { categoryId, name: `${name} ${i}` })).body.id);
    await manager.post(`/products/${made[0]}/put-on-sale`);
    const list = async (query: string): Promise<string[]> => {
      const ids: string[] = [];
      for (let cursor = ''; ;) {
        const { body } = await manager.get<List<Product>>(`/products?limit=2&${query}${cursor}`);
        ids.push(...body.items.map(({ id }) => id));
        if (!body.nextCursor) return ids;
        cursor = `&cursor=${body.nextCursor}`;
      }
    };
    const newestFirst = made.toSorted().toReversed();
    expect(await list(`categoryId=${categoryId}`)).toEqual(newestFirst);
    expect(await list(`q=${encodeURIComponent(name)}`)).toEqual(newestFirst);
    expect(await list(`q=${encodeURIComponent(name)}&status=on_sale`)).toEqual([made[0]]);
    expect(await list(`categoryId=${categoryId}&status=withdrawn`)).toEqual(
      newestFirst.filter(id => id !== made[0]),
    );
    expect(await list('categoryId=x')).toEqual([]);
  });

  it.each([
    'https://evil.example/a.png',
    '//evil.example/a.png',
    '/media/../secret.png',
    '/media/a.png?x',
    '/media/a.html',
    '/media/.png',
    '/etc/passwd',
    'media/a.png',
  ])('do not show a picture from %s', async path => {
    const { productId, skuId, categoryId } = await stockGoods(shop.database);
    for (const answer of [
      await manager.patch(`/products/${productId}`, { imagePaths: [path] }),
      await manager.patch(`/skus/${skuId}`, { imagePath: path }),
      await manager.patch(`/categories/${categoryId}`, { imagePath: path }),
    ])
      expect([answer.status, answer.body['code']]).toEqual([400, 'request.invalid']);
  });

  it('can be given the same name twice by nobody who meant it once', async () => {
    const key = randomUUID();
    const body = { name: newName() };
    const answers = await Promise.all([1, 2, 3].map(() => manager.post('/categories', body, { key })));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const other = await manager.post('/categories', { name: newName() }, { key });
    expect(other.body).toMatchObject({ code: 'idempotency.key_reused' });
    const again = await manager.post('/categories', body);
    expect([again.status, again.body['code']]).toEqual([409, 'catalog.category_name_taken']);
  });

  it('keep a category as long as there is a product in it', async () => {
    const { categoryId, productId } = await stockGoods(shop.database);
    await manager.post(`/products/${productId}/withdraw`);
    const remove = (id: string) => manager.send('DELETE', `/categories/${id}`);
    expect((await remove(categoryId)).body).toMatchObject({ code: 'catalog.category_not_empty' });
    await manager.patch(`/products/${productId}`, { categoryId: await category() });
    expect((await remove(categoryId)).status).toBe(204);
    expect((await remove(categoryId)).status).toBe(404);
  });

  it('do not fall out of a category that is deleted while a product goes into it', async () => {
    for (let round = 0; round < 8; round++) {
      const [categoryId, { productId }] = [await category(), await stockGoods(shop.database)];
      const [moved, deleted] = await Promise.all([
        manager.patch(`/products/${productId}`, { categoryId }),
        manager.send('DELETE', `/categories/${categoryId}`),
      ]);
      expect([
        [200, 409],
        [404, 204],
      ]).toContainEqual([moved.status, deleted.status]);
    }
  });

  it('hold at most a hundred SKUs a product', async () => {
    const { body } = await create(Array.from({ length: 50 }, () => 100));
    const add = (index: number) =>
      manager.post(`/products/${body.id}/skus`, { name: `规格 ${index}`, priceFen: 100 });
    const answers = await Promise.all(Array.from({ length: 53 }, (_, index) => add(index)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(50);
    expect(answers.find(({ status }) => status !== 201)!.body).toMatchObject({
      code: 'catalog.too_many_skus',
    });
  });

  it.each([
    ['PATCH', (id: string) => `/categories/${id}`, { name: '茶' }, 'catalog.category_not_found'],
    ['PATCH', (id: string) => `/products/${id}`, { name: '茶' }, 'catalog.product_not_found'],
    [
      'POST',
      (id: string) => `/products/${id}/skus`,
      { name: '茶', priceFen: 1 },
      'catalog.product_not_found',
    ],
    ['PATCH', (id: string) => `/skus/${id}`, { priceFen: 1 }, 'catalog.sku_not_found'],
    ['POST', (id: string) => `/skus/${id}/withdraw`, undefined, 'catalog.sku_not_found'],
    ['GET', (id: string) => `/skus/${id}/stock-ledger`, undefined, 'catalog.sku_not_found'],
  ] as const)('that nobody knows are 404: %s %s', async (method, pathOf, body, code) => {
    for (const id of [newId(), 'x', encodeURIComponent("' or 1=1")]) {
      const answer = await manager.send(method, pathOf(id), { body });
      expect([answer.status, answer.body['code']]).toEqual([404, code]);
    }
  });

  it('that never were do not take a product in', async () => {
    const { productId }: Goods = await stockGoods(shop.database);
    for (const categoryId of [newId(), 'x']) {
      const answer = await manager.patch(`/products/${productId}`, { categoryId });
      expect([answer.status, answer.body['code']]).toEqual([404, 'catalog.category_not_found']);
      expect((await create([1], { categoryId })).status).toBe(404);
    }
  });
});
