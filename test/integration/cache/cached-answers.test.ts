import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { CategoryDesk, ProductDesk, SkuDesk } from '../../../src/modules/catalog/catalog-desk.contract.ts';
import { productSorts } from '../../../src/modules/catalog/catalog.contract.ts';
import { Transactor } from '../../../src/platform/database/transactor.ts';
import { seedCatalog } from '../../../tools/seed/seed-catalog.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods } from '../../support/goods.ts';
import { call } from '../../support/http.ts';
import { send, type RawAnswer } from '../../support/raw.ts';
import { Shopper } from '../../support/shopper.ts';
import { startSibling, type Sibling } from '../../support/sibling.ts';

const compared = [
  'cache-control',
  'content-encoding',
  'content-length',
  'content-type',
  'etag',
  'retry-after',
  'vary',
  'www-authenticate',
  'x-content-type-options',
];

/** All that a client can tell two answers apart by; a problem names its own trace. */
function essence({ status, headers, text }: RawAnswer): unknown {
  const told = Object.fromEntries(compared.map(name => [name, headers[name]]));
  return { status, ...told, text: text.replace(/"traceId":"\w+"/, '') };
}

interface Ids {
  readonly items: readonly { readonly id: string }[];
  readonly nextCursor?: string;
}

describe('the catalogue from the cache', () => {
  let shop: TestApp;
  let plain: Sibling;
  let productIds: readonly string[];
  beforeAll(async () => {
    shop = await startApp({ PUBLIC_BASE_URL: 'http://shop.test' });
    const client = new pg.Client({ connectionString: shop.env['DATABASE_URL'] });
    await client.connect();
    await seedCatalog(client, { products: 500 });
    await client.end();
    plain = await startSibling(shop, { CACHE_ENABLED: 'false' });
    const { rows } = await shop.database.query<{ id: string }>('select id from products');
    productIds = rows.map(({ id }) => id);
  });
  afterAll(async () => {
    await plain.stop();
    await shop.stop();
  });

  type Headers = Readonly<Record<string, string>>;
  const ask = (url: string, path: string, headers: Headers = {}, method = 'GET'): Promise<RawAnswer> =>
    send(url, method, `/api/v1${path}`, { headers });

  /** Not held yet, held, and made anew every time. */
  async function threeTimes(path: string, headers: Headers = {}, method = 'GET'): Promise<void> {
    const cold = await ask(shop.url, path, headers, method);
    const warm = await ask(shop.url, path, headers, method);
    const made = await ask(plain.url, path, headers, method);
    expect({ path, ...(essence(cold) as object) }).toEqual({ path, ...(essence(made) as object) });
    expect({ path, ...(essence(warm) as object) }).toEqual({ path, ...(essence(made) as object) });
  }

  it('is byte for byte what it is without: every product, every page of every list, and the home', async () => {
    expect(productIds.length).toBeGreaterThanOrEqual(500);
    for (const id of productIds) await threeTimes(`/products/${id}`);
    await threeTimes('/home');
    await threeTimes('/categories');
    for (const sort of productSorts) {
      let path: string | undefined = `/products?limit=50&sort=${sort}`;
      while (path) {
        await threeTimes(path);
        const { nextCursor }: Ids = JSON.parse((await ask(shop.url, path)).text);
        path = nextCursor && `/products?limit=50&sort=${sort}&cursor=${nextCursor}`;
      }
    }
  }, 180_000);

  it.each<[string, Headers, string]>([
    ['HEAD', {}, 'HEAD'],
    ['gzip', { 'accept-encoding': 'gzip' }, 'GET'],
    ['what browsers accept', { 'accept-encoding': 'gzip, deflate, br' }, 'GET'],
    ['gzip by HEAD', { 'accept-encoding': 'gzip' }, 'HEAD'],
    ['gzip refused', { 'accept-encoding': 'gzip;q=0' }, 'GET'],
    ['identity preferred', { 'accept-encoding': 'identity, gzip' }, 'GET'],
    ['anything', { 'accept-encoding': '*' }, 'GET'],
    ['no compression', { 'accept-encoding': 'gzip', 'x-no-compression': '1' }, 'GET'],
    ['whatever is not this', { 'if-none-match': '"other"' }, 'GET'],
    ['whatever there is', { 'if-none-match': '*', 'accept-encoding': 'gzip' }, 'GET'],
    ['whatever there is, by HEAD', { 'if-none-match': '*' }, 'HEAD'],
  ])('is the same for a client that asks for %s', async (_, headers, method) => {
    const paths = ['/home', '/categories', '/products?limit=20', `/products/${productIds[0]}`];
    for (const path of paths) await threeTimes(path, headers, method);
    await threeTimes(`/products/${newId()}`, headers, method);
  });

  it('is 304 by HEAD too', async () => {
    for (const url of [shop.url, plain.url]) {
      const head = await ask(url, '/home', { 'if-none-match': '*' }, 'HEAD');
      const full = await ask(url, '/home', {}, 'HEAD');
      expect([head.status, full.status]).toEqual([304, 200]);
      for (const name of ['etag', 'content-length', 'cache-control'])
        expect(head.headers[name]).toBe(full.headers[name]);
    }
  });

  it.each([
    '/products?limit=0',
    '/products?limit=x',
    '/products?sort=random',
    '/products?q=%00',
    '/products?q=%20',
    '/products?q=a&q=b',
    '/products?cursor=abc',
    '/products?offset=1',
    '/products?categoryId=nothing',
    '/products?q=%25',
    `/products/${'x'.repeat(65)}`,
    '/products/nothing',
    '/products/%00',
    '/products/constructor',
    `/products/${newId()}`,
    '/home?x=1',
    '/categories?x=1&x=2',
  ])('is refused or answered in the same words: %s', async path => {
    await threeTimes(path);
    await threeTimes(path, { 'accept-language': 'en' });
  });

  it('is refused to a bad token as ever, and known to be whose it is with a good one', async () => {
    const [token] = [(await Shopper.login(shop)).token];
    for (const authorization of ['Bearer x.y.z', 'Basic abc', '', `Bearer ${token}`])
      for (const path of ['/home', `/products/${productIds[0]}`, '/products?limit=x'])
        await threeTimes(path, { authorization });
    const ended = await Shopper.login(shop);
    await ended.post('/auth/logout', {});
    const answer = await ask(shop.url, '/home', { authorization: `Bearer ${ended.token}` });
    expect(answer.status).toBe(401);
  });

  it('is one answer however its address is written', async () => {
    const loads = await loadsOf('catalog.products');
    for (const query of ['limit=11&sort=sales', 'sort=sales&limit=11', 'sort=sales&limit=011'])
      expect((await ask(shop.url, `/products?${query}`)).status).toBe(200);
    for (let index = 0; index < 5; index++) await ask(shop.url, `/categories?utm=${index}`);
    expect((await loadsOf('catalog.products')) - loads).toBe(1);
    expect(await loadsOf('catalog.categories')).toBeLessThanOrEqual(2);
  });

  it('holds a product that is not there as briefly as it says, and reads it once', async () => {
    const loads = await loadsOf('catalog.product');
    const id = newId();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => call('GET', `${shop.url}/api/v1/products/${id}`)),
    );
    for (const { status, body } of answers)
      expect([status, body['code']]).toEqual([404, 'catalog.product_not_found']);
    expect((await loadsOf('catalog.product')) - loads).toBe(1);
  });

  async function loadsOf(cache: string): Promise<number> {
    const { register } = await import('prom-client');
    const metric = register.getSingleMetric('cache_loads_total');
    const { values } = await metric!.get();
    return values
      .filter(({ labels }) => labels['cache'] === cache)
      .reduce((sum, { value }) => sum + value, 0);
  }

  describe('after staff have changed something', () => {
    const desk = <T>(type: abstract new () => T): T => shop.app.get(type as never, { strict: false });
    const nameOf = async (id: string): Promise<unknown> =>
      (await call('GET', `${shop.url}/api/v1/products/${id}`)).body['name'];
    const listed = async (categoryId: string): Promise<string[]> => {
      const { body } = await call<Ids>('GET', `${shop.url}/api/v1/products?categoryId=${categoryId}`);
      return body.items.map(({ id }) => id);
    };

    it('shows a product’s new name and price at once, in itself and in lists', async () => {
      const { productId, skuId, categoryId } = await stockGoods(shop.database, { name: '旧' });
      expect([await nameOf(productId), await listed(categoryId)]).toEqual(['旧', [productId]]);
      await desk(ProductDesk).update(productId, { name: '新' });
      expect(await nameOf(productId)).toBe('新');
      await desk(SkuDesk).update(skuId, { priceFen: 77 });
      const { body } = await call<{ items: { priceFen: number }[] }>(
        'GET',
        `${shop.url}/api/v1/products?categoryId=${categoryId}`,
      );
      expect(body.items[0]!.priceFen).toBe(77);
    });

    it('hides what is withdrawn, and shows it again', async () => {
      const { productId, categoryId } = await stockGoods(shop.database);
      await nameOf(productId);
      await desk(ProductDesk).withdraw(productId);
      expect([await nameOf(productId), await listed(categoryId)]).toEqual([undefined, []]);
      await desk(ProductDesk).putOnSale(productId);
      expect(await listed(categoryId)).toEqual([productId]);
      expect(await nameOf(productId)).toBeDefined();
    });

    it('shows a new category in the list and on the first screen', async () => {
      const { id } = await desk(CategoryDesk).create({ name: `架 ${newId()}` });
      for (const path of ['/categories', '/home']) expect((await ask(shop.url, path)).text).toContain(id);
      await desk(CategoryDesk).update(id, { name: `架子 ${id}` });
      expect((await ask(shop.url, '/categories')).text).toContain(`架子 ${id}`);
      await desk(CategoryDesk).delete(id);
      expect((await ask(shop.url, '/categories')).text).not.toContain(id);
    });

    it('shows new stock', async () => {
      const { productId, skuId } = await stockGoods(shop.database, { onHand: 3 });
      const path = `/products/${productId}`;
      expect((await ask(shop.url, path)).text).toContain('"available":3');
      await shop.database.query('update stock_items set on_hand = 9 where sku_id = $1', [skuId]);
      await desk(SkuDesk).noteStockChange(skuId);
      expect((await ask(shop.url, path)).text).toContain('"available":9');
    });

    it('does not hold what the transaction has not committed, nor drop it when it rolls back', async () => {
      const { productId } = await stockGoods(shop.database, { name: '旧' });
      await nameOf(productId);
      const { promise: end, resolve } = Promise.withResolvers<void>();
      const { promise: written, resolve: isWritten } = Promise.withResolvers<void>();
      const change = shop.app.get(Transactor, { strict: false }).run(async () => {
        await desk(ProductDesk).update(productId, { name: '新' });
        isWritten();
        await end;
      });
      await written;
      expect(await nameOf(productId)).toBe('旧');
      resolve();
      await change;
      expect(await nameOf(productId)).toBe('新');
    });
  });
});
