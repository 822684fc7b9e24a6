import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { encodeCursor } from '../../../src/kernel/page.ts';
import {
  Catalog,
  productSorts,
  type ProductCard,
  type ProductSort,
} from '../../../src/modules/catalog/catalog.contract.ts';
import { seedCatalog } from '../../../tools/seed/seed-catalog.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods } from '../../support/goods.ts';
import { call, type Answer } from '../../support/http.ts';

interface ProductPage {
  readonly items: readonly ProductCard[];
  readonly nextCursor?: string;
}

interface ProblemBody {
  readonly code: string;
  readonly errors: readonly { readonly path: string }[];
}

describe('the catalogue', () => {
  let shop: TestApp;
  let seeded: readonly boolean[];
  beforeAll(async () => {
    // Goods are put on the shelf behind the shop's back here, and no cache is told.
    shop = await startApp({ CACHE_ENABLED: 'false' });
    const client = new pg.Client({ connectionString: shop.env['DATABASE_URL'] });
    await client.connect();
    seeded = [await seedCatalog(client, { products: 300 }), await seedCatalog(client, { products: 300 })];
    await client.end();
    // Many products share a key, so that pages end in the middle of ties.
    await shop.database.query(
      `update products set price_fen = ceil(price_fen / 3000.0) * 1000, market_price_fen = null, sales = sales / 500,
         created_at = date_trunc('month', created_at)`,
    );
  });
  afterAll(() => shop.stop());

  function get<T>(path: string, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return call<T>('GET', `${shop.url}/api/v1${path}`, { headers });
  }

  async function expectedOrder(
    sort: ProductSort,
    where = 'true',
    parameters: unknown[] = [],
  ): Promise<string[]> {
    const order = {
      newest: 'created_at desc',
      price_asc: 'price_fen',
      price_desc: 'price_fen desc',
      sales: 'sales desc',
    }[sort];
    const direction = sort === 'price_asc' ? 'asc' : 'desc';
    const { rows } = await shop.database.query<{ id: string }>(
      `select id from products where status = 'on_sale' and ${where} order by ${order}, id ${direction}`,
      parameters,
    );
    return rows.map(row => row.id);
  }

  async function walk(query: string): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await get<ProductPage>(`/products?${query}${cursor ? `&cursor=${cursor}` : ''}`);
      expect(page.status).toBe(200);
      ids.push(...page.body.items.map(item => item.id));
      cursor = page.body.nextCursor;
    } while (cursor);
    return ids;
  }

  it('is seeded once, however often it is told to', async () => {
    expect(seeded).toEqual([true, false]);
    const { rows } = await shop.database.query(
      `select count(*)::int as listed, count(*) filter (where status = 'withdrawn')::int as withdrawn from products`,
    );
    expect(rows[0].listed).toBeGreaterThanOrEqual(300);
    expect(rows[0].withdrawn).toBeGreaterThan(0);
  });

  describe.each(productSorts)('sorted by %s', sort => {
    it('pages through every product exactly once, though many share a key', async () => {
      const expected = await expectedOrder(sort);
      expect(expected.length).toBeGreaterThan(250);
      expect(await walk(`sort=${sort}&limit=17`)).toEqual(expected);
    });

    it('pages through a category and a search exactly once', async () => {
      const { rows } = await shop.database.query<{ id: string }>(
        'select id from categories order by position limit 1',
      );
      const categoryId = rows[0]!.id;
      const inCategory = await expectedOrder(sort, 'category_id = $1', [categoryId]);
      expect(inCategory.length).toBeGreaterThan(20);
      expect(await walk(`sort=${sort}&limit=7&categoryId=${categoryId}`)).toEqual(inCategory);
      const found = await expectedOrder(sort, `name like '%果%'`);
      expect(found.length).toBeGreaterThan(10);
      expect(await walk(`sort=${sort}&limit=7&q=${encodeURIComponent('果')}`)).toEqual(found);
    });
  });

  it('keeps the place when new products come in between two pages', async () => {
    const first = await get<ProductPage>('/products?limit=5');
    await stockGoods(shop.database, { name: '刚刚上架' });
    const second = await get<ProductPage>(`/products?limit=5&cursor=${first.body.nextCursor}`);
    const seen = new Set(first.body.items.map(item => item.id));
    expect(second.body.items.some(item => seen.has(item.id) || item.name === '刚刚上架')).toBe(false);
  });

  it.each([
    ['nonsense', 'abc'],
    ['another sort', encodeCursor(['sales', 5, newId()])],
    ['an id that is none', encodeCursor(['newest', 5, 'x'])],
    ['a key that is no number', encodeCursor(['newest', '5', newId()])],
    ['a key no timestamp holds', encodeCursor(['newest', Number.MAX_SAFE_INTEGER, newId()])],
    ['a negative key', encodeCursor(['newest', -1, newId()])],
    ['a part too many', encodeCursor(['newest', 5, newId(), 1])],
  ])('refuses a cursor with %s', async (_, cursor) => {
    const answer = await get<ProblemBody>(`/products?cursor=${cursor}`);
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('request.invalid');
    expect(answer.body.errors.map(error => error.path)).toEqual(['cursor']);
  });

  it.each([
    'limit=0',
    'limit=51',
    'limit=x',
    'limit=1.5',
    'sort=random',
    'q=',
    'q=%20%20',
    `q=${'长'.repeat(51)}`,

    'q=%00',
    'q=a%0Ab',
    'q=a&q=b',
    'offset=5',
    `categoryId=${'x'.repeat(65)}`,
    `cursor=${'x'.repeat(201)}`,
  ])('refuses ?%s', async query => {
    const answer = await get<ProblemBody>(`/products?${query}`);
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
  });

  it('has nothing in a category that does not exist, whatever its id looks like', async () => {
    for (const categoryId of [newId(), 'nonsense', '%27%20or%20true']) {
      expect((await get(`/products?categoryId=${categoryId}`)).body).toEqual({ items: [] });
    }
  });

  it('shows a product with what can be ordered now', async () => {
    const { productId, skuId, categoryId } = await stockGoods(shop.database, {
      onHand: 7,
      priceFen: 1_290,
      name: '橙子',
    });
    await shop.database.query('update stock_items set reserved = 3 where sku_id = $1', [skuId]);
    expect((await get(`/products/${productId}`)).body).toEqual({
      id: productId,
      name: '橙子',
      categoryId,
      imageUrl: `${shop.url}/media/x.svg`,
      imageUrls: [`${shop.url}/media/x.svg`],
      priceFen: 1_290,
      sales: 0,
      skus: [
        {
          id: skuId,
          name: '标准装',
          specs: [{ name: '规格', value: '标准装' }],
          priceFen: 1_290,
          available: 4,
        },
      ],
    });
  });

  it('shows the SKUs of a product and the categories in the merchant’s order, not in that of their making', async () => {
    const { productId, skuId: first } = await stockGoods(shop.database);
    const [second, third] = [newId(), newId()];
    await shop.database.query(
      `insert into skus (id, product_id, name, price_fen, position)
       values ($2, $1, '大', 1990, 2), ($3, $1, '小', 1990, 1)`,
      [productId, second, third],
    );
    await shop.database.query('update skus set position = 3 where id = $1', [first]);
    const product = await get<{ skus: { id: string }[] }>(`/products/${productId}`);
    expect(product.body.skus.map(({ id }) => id)).toEqual([third, second, first]);

    const made = [
      await stockGoods(shop.database),
      await stockGoods(shop.database),
      await stockGoods(shop.database),
    ];
    const positions = [30_002, 30_000, 30_001];
    for (const [index, { categoryId }] of made.entries()) {
      const sql = 'update categories set position = $2 where id = $1';
      await shop.database.query(sql, [categoryId, positions[index]]);
    }
    const { items } = (await get<{ items: { id: string }[] }>('/categories')).body;
    const order = [1, 2, 0].map(index => made[index]!.categoryId);
    expect(items.slice(-3).map(({ id }) => id)).toEqual(order);
  });

  it('answers a malformed id as it answers an unknown one', async () => {
    for (const id of [newId(), 'nonsense', '%27--', newId().toUpperCase()]) {
      const answer = await get<ProblemBody>(`/products/${id}`);
      expect([answer.status, answer.body.code]).toEqual([404, 'catalog.product_not_found']);
    }
  });

  it('hides what is withdrawn from shoppers, but tells carts and orders about it', async () => {
    const [product, sku] = [await stockGoods(shop.database), await stockGoods(shop.database)];
    await shop.database.query(`update products set status = 'withdrawn' where id = $1`, [product.productId]);
    await shop.database.query(`update skus set status = 'withdrawn' where id = $1`, [sku.skuId]);
    expect((await get(`/products/${product.productId}`)).status).toBe(404);
    expect((await get(`/products?categoryId=${product.categoryId}`)).body).toEqual({ items: [] });
    expect((await get(`/products/${sku.productId}`)).body).toMatchObject({ skus: [] });

    const catalog = shop.app.get(Catalog, { strict: false });
    const found = await catalog.findSkus([product.skuId, sku.skuId, newId(), 'nonsense']);
    expect(new Map(found.map(({ skuId, status }) => [skuId, status]))).toEqual(
      new Map([
        [product.skuId, 'withdrawn'],
        [sku.skuId, 'withdrawn'],
      ]),
    );
  });

  it('lets a phone keep what has not changed', async () => {
    for (const path of ['/categories', '/products', '/home']) {
      const first = await get(path);
      expect(first.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
      const again = await get(path, { 'if-none-match': first.headers.get('etag')! });
      expect([again.status, again.text]).toEqual([304, '']);
    }
  });

  it('opens with categories, best sellers and new arrivals', async () => {
    const home = await get<Record<string, readonly unknown[]>>('/home');
    const [hot, newest] = await Promise.all([
      get<ProductPage>('/products?sort=sales&limit=10'),
      get<ProductPage>('/products?limit=10'),
    ]);
    const categories = await get<{ items: unknown[] }>('/categories');
    expect(categories.body.items.length).toBeGreaterThanOrEqual(8);
    expect(home.body).toEqual({
      categories: categories.body.items,
      hotProducts: hot.body.items,
      newProducts: newest.body.items,
    });
  });
});

describe('a shop that sells nothing yet', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp();
  });
  afterAll(() => shop.stop());

  it('leaves its home empty instead of showing empty sections', async () => {
    const home = await call('GET', `${shop.url}/api/v1/home`);
    expect([home.status, home.body]).toEqual([200, {}]);
  });
});
