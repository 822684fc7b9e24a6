import type pg from 'pg';
import { register } from 'prom-client';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { poolOf } from '../../../src/platform/database/data-source.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods } from '../../support/goods.ts';
import { call, type Answer } from '../../support/http.ts';
import { Shopper } from '../../support/shopper.ts';
import { startSibling, type Sibling } from '../../support/sibling.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';

const maxLoads = 2;
const maxWaiting = 5;
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

async function count(metric: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const { values } = await register.getSingleMetric(metric)!.get();
  const isMeant = (own: object): boolean =>
    Object.entries(labels).every(([name, value]) => (own as Record<string, unknown>)[name] === value);
  return values.filter(value => isMeant(value.labels)).reduce((sum, { value }) => sum + value, 0);
}

/** Nobody reads or writes the table until it ends. */
async function holdTable(database: pg.Pool, table: string): Promise<() => Promise<void>> {
  const client = await database.connect();
  await client.query('begin');
  await client.query(`lock table ${table} in access exclusive mode`);
  return async () => {
    await client.query('rollback');
    client.release();
  };
}

async function waitingForProducts(database: pg.Pool): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `select count(*)::int as count from pg_locks where not granted and relation = 'products'::regclass`,
  );
  return rows[0]!.count;
}

describe('one process when things go wrong', () => {
  let shop: TestApp;
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await startTcpProxy(new URL(inject('stackEnv')['REDIS_URL']!));
    shop = await startApp({
      CACHE_REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
      CACHE_REDIS_PAUSE: '100ms',
      CACHE_MAX_LOADS: `${maxLoads}`,
      CACHE_MAX_WAITING_LOADS: `${maxWaiting}`,
      CACHE_LOAD_WAIT: '20s',
      DATABASE_LOCK_TIMEOUT: '20s',
      DATABASE_STATEMENT_TIMEOUT: '20s',
      HTTP_REQUEST_TIMEOUT: '25s',
    });
    // Until then it may have missed something, and drops what it has.
    await until('it listens', async () => (await count('cache_flushes_total', {})) > 0);
  });
  afterAll(async () => {
    await shop.stop();
    await proxy.close();
  });

  const get = (path: string): Promise<Answer> => call('GET', `${shop.url}/api/v1${path}`);

  const loadsOf = (cache: string): Promise<number> => count('cache_loads_total', { cache });

  it('reads a cold page once for everybody', async () => {
    const answers = await Promise.all(times(500, () => get('/products?limit=3')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await loadsOf('catalog.products')).toBe(1);
  });

  it('lets few reads at PostgreSQL when nothing answers there, and refuses who is too many at once', async () => {
    const release = await holdTable(shop.database, 'products');
    const answers = times(40, index => get(`/products?limit=${index + 4}`));
    const settled: Answer[] = [];
    for (const answer of answers) void answer.then(it => settled.push(it));
    // While nothing has been answered from PostgreSQL yet.
    await until('the others are refused', () => settled.length === 40 - maxLoads - maxWaiting);
    expect(await waitingForProducts(shop.database)).toBeLessThanOrEqual(maxLoads);
    for (const { status, body, headers } of settled) {
      expect([status, body['code'], headers.get('retry-after')]).toEqual([503, 'cache.busy', '1']);
    }
    // The bound is one for all caches; what needs no read goes on.
    expect((await get('/categories')).status).toBe(503);
    expect((await get('/products?limit=3')).status).toBe(200);
    await release();
    const all = await Promise.all(answers);
    expect(all.filter(({ status }) => status === 200)).toHaveLength(maxLoads + maxWaiting);
  });

  it('asks once for what is not there, however many ask', async () => {
    const before = await loadsOf('catalog.product');
    const id = newId();
    const answers = await Promise.all(times(200, () => get(`/products/${id}`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    expect((await loadsOf('catalog.product')) - before).toBe(1);
  });

  it('lets few reads at PostgreSQL for a thousand things that are not there', async () => {
    const release = await holdTable(shop.database, 'products');
    const answers = times(1_000, () => get(`/products/${newId()}`));
    const refused: Answer[] = [];
    for (const answer of answers) void answer.then(it => refused.push(it));
    await until('the others are refused', () => refused.length === 1_000 - maxLoads - maxWaiting);
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
    expect(await waitingForProducts(shop.database)).toBeLessThanOrEqual(maxLoads);
    await release();
    const all = await Promise.all(answers);
    expect(all.filter(({ status }) => status === 404)).toHaveLength(maxLoads + maxWaiting);
  });

  it('reads every value once when all have gone at the same time', async () => {
    const paths = times(10, index => `/products?limit=${index + 4}`);
    for (const path of paths) await get(path);
    const before = await loadsOf('catalog.products');
    const flushes = await count('cache_flushes_total', {});
    await forgetEverything();
    await until('it has dropped everything', async () => (await count('cache_flushes_total', {})) > flushes);
    // No more at a time than may wait for their turn.
    for (let from = 0; from < paths.length; from += maxWaiting) {
      const some = paths.slice(from, from + maxWaiting);
      const answers = await Promise.all(
        times(20, () => some)
          .flat()
          .map(get),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    }
    expect((await loadsOf('catalog.products')) - before).toBe(paths.length);
  });

  /** In Redis by taking it away, in the process by a message that nobody understands. */
  async function forgetEverything(): Promise<void> {
    const { Redis } = await import('ioredis');
    const redis = new Redis(inject('stackEnv')['REDIS_URL']!);
    const prefix = shop.env['REDIS_KEY_PREFIX']!;
    const keys = await redis.keys(`${prefix}:cache:*`);
    if (keys.length > 0) await redis.del(keys);
    await redis.publish(`${prefix}:cache-news`, 'nonsense');
    redis.disconnect();
  }

  it('shows what it has while PostgreSQL does not answer', async () => {
    const { productId } = await stockGoods(shop.database);
    const first = await get(`/products/${productId}`);
    await shop.database.query('alter table products rename to products_away');
    try {
      const errors = (): Promise<number> =>
        count('cache_loads_total', { cache: 'catalog.product', outcome: 'error' });
      const before = await errors();
      await until('it is read in vain', async () => {
        expect((await get(`/products/${productId}`)).text).toBe(first.text);
        return (await errors()) > before;
      });
      expect((await get(`/products/${productId}`)).text).toBe(first.text);
    } finally {
      await shop.database.query('alter table products_away rename to products');
    }
  });

  describe.each([
    ['half a second late', () => proxy.delay(500)],
    ['silent', () => proxy.strand()],
    ['gone', () => proxy.cut(true)],
  ])('with a Redis that is %s', (_, spoil) => {
    it('goes on for itself: one read a page, from memory afterwards', async () => {
      spoil();
      const before = await loadsOf('catalog.products');
      const category = newId();
      for (let round = 0; round < 3; round++) {
        const answers = await Promise.all(times(100, () => get(`/products?categoryId=${category}`)));
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      }
      expect((await loadsOf('catalog.products')) - before).toBe(1);
      proxy.delay(0);
      proxy.cut(false);
    });
  });
});

describe('a shop whose connections to PostgreSQL are all taken', () => {
  const poolMax = 2;
  let shop: TestApp;
  let shopper: Shopper;
  beforeAll(async () => {
    shop = await startApp({
      DATABASE_POOL_MAX: `${poolMax}`,
      DATABASE_MAX_WAITING: `${maxWaiting}`,
      DATABASE_ACQUIRE_TIMEOUT: '20s',
      DATABASE_LOCK_TIMEOUT: '20s',
      DATABASE_STATEMENT_TIMEOUT: '20s',
      HTTP_REQUEST_TIMEOUT: '25s',
      // Nobody but the test shall use the connections.
      QUEUE_CONSUME: 'false',
    });
    shopper = await Shopper.login(shop);
  });
  afterAll(() => shop.stop());

  it('refuses at once who is too many to wait, answers from memory, and then serves all', async () => {
    const cached = (): Promise<Answer> => call('GET', `${shop.url}/api/v1/products?limit=3`);
    const fromMemory = await cached();
    const pool = poolOf(shop.app.get(DataSource));
    const release = await holdTable(shop.database, 'addresses');
    const answers = times(40, () => shopper.get<{ code?: string }>('/addresses'));
    const settled: Awaited<(typeof answers)[number]>[] = [];
    for (const answer of answers) void answer.then(it => settled.push(it));
    // While not one of the others has been answered yet.
    await until('the others are refused', () => settled.length >= 40 - poolMax - maxWaiting);
    expect([pool.totalCount, pool.idleCount]).toEqual([poolMax, 0]);
    expect(pool.waitingCount).toBeLessThanOrEqual(maxWaiting);
    for (const { status, body, headers } of settled)
      expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'database.unavailable', '1']);
    expect(await count('db_client_connection_refusals_total', {})).toBeGreaterThanOrEqual(settled.length);
    for (const { status, text } of await Promise.all(times(20, cached)))
      expect([status, text]).toEqual([200, fromMemory.text]);
    const refused = settled.length;
    await release();
    const all = await Promise.all(answers);
    expect(all.filter(({ status }) => status === 200)).toHaveLength(40 - refused);
    const afterwards = await Promise.all(times(poolMax, () => shopper.get('/addresses')));
    expect(afterwards.map(({ status }) => status)).toEqual(times(poolMax, () => 200));
    await until('no connection is in use', () => pool.idleCount === poolMax && pool.waitingCount === 0);
  });
});

describe('a thousand clients of two processes on one cold product', () => {
  let shop: TestApp;
  let sibling: Sibling;
  beforeAll(async () => {
    shop = await startApp({
      PUBLIC_BASE_URL: 'http://shop.test',
      REDIS_COMMAND_TIMEOUT: '10s',
      CACHE_REDIS_TIMEOUT: '10s',
      CACHE_LOAD_LOCK: '30s',
      CACHE_SHARED_LOAD_WAIT: '20s',
      DATABASE_LOCK_TIMEOUT: '20s',
      DATABASE_STATEMENT_TIMEOUT: '20s',
      HTTP_REQUEST_TIMEOUT: '25s',
    });
    sibling = await startSibling(shop);
    await until('both listen', async () => {
      const text = await (await fetch(`${sibling.managementUrl}/metrics`)).text();
      return /cache_flushes_total\{.*\} [1-9]/.test(text) && (await count('cache_flushes_total', {})) > 0;
    });
  });
  afterAll(async () => {
    await sibling.stop();
    await shop.stop();
  });

  it('are served by one read, whoever they asked', async () => {
    const { productId } = await stockGoods(shop.database);
    const release = await holdTable(shop.database, 'products');
    const path = `/api/v1/products/${productId}`;
    const answers = times(1_000, index => call('GET', (index % 2 === 0 ? shop.url : sibling.url) + path));
    await until('PostgreSQL is asked', async () => (await waitingForProducts(shop.database)) > 0);
    expect(await waitingForProducts(shop.database)).toBe(1);
    await release();
    for (const { status, text } of await Promise.all(answers))
      expect([status, text.includes(productId)]).toEqual([200, true]);
    // More than one would be reads of a value that had its time.
    expect(await count('cache_loads_total', { cache: 'catalog.product', outcome: 'error' })).toBe(0);
  });
});
