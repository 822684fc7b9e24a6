import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { seedCatalog } from '../../../tools/seed/seed-catalog.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { send, type RawAnswer } from '../../support/raw.ts';
import { Shopper } from '../../support/shopper.ts';
import { startSibling, type Sibling } from '../../support/sibling.ts';

/** In this process `@Cached` says nothing to anybody, and its routes are served as Nest serves any route. */
vi.mock('../../../src/platform/http/cached/serve-cached.ts', () => ({ serveCached: () => undefined }));

/** Of caches alone, which the pipeline knows nothing of; `cached-answers.test.ts` compares them. */
const ofCaches = ['cache-control', 'etag', 'vary'];
/** Of one request, or of when it came. */
const ofTheMoment = ['date', 'x-request-id', 'x-trace-id', 'ratelimit', 'retry-after'];

function essence({ status, headers, text }: RawAnswer) {
  const left = status === 200 ? [...ofCaches, ...ofTheMoment] : ofTheMoment;
  const told = Object.fromEntries(Object.entries(headers).filter(([name]) => !left.includes(name)));
  const body = text.replace(/"traceId":"\w+"/, '').replace(/"retryAfterSeconds":\d+/, '');
  return { status, headers: told, body };
}

describe('a cached route, held or not,', () => {
  let pipeline: TestApp;
  let cached: Sibling;
  let uncached: Sibling;
  let productIds: readonly string[];
  beforeAll(async () => {
    pipeline = await startApp({ PUBLIC_BASE_URL: 'http://shop.test', LIMIT_CALLER: '6/1h' });
    const client = new pg.Client({ connectionString: pipeline.env['DATABASE_URL'] });
    await client.connect();
    await seedCatalog(client, { products: 100 });
    await client.end();
    [cached, uncached] = await Promise.all([
      startSibling(pipeline),
      startSibling(pipeline, { CACHE_ENABLED: 'false' }),
    ]);
    const { rows } = await pipeline.database.query<{ id: string }>('select id from products');
    productIds = rows.map(({ id }) => id);
  });
  afterAll(async () => {
    await Promise.all([cached.stop(), uncached.stop()]);
    await pipeline.stop();
  });

  type Headers = Readonly<Record<string, string>>;
  const ask = (url: string, path: string, headers: Headers = {}, method = 'GET'): Promise<RawAnswer> =>
    send(url, method, `/api/v1${path}`, { headers });

  async function everyWay(path: string, headers: Headers = {}, method = 'GET'): Promise<void> {
    const from = async (url: string) => ({ path, ...essence(await ask(url, path, headers, method)) });
    const expected = await from(pipeline.url);
    for (const { url } of [uncached, cached, cached]) expect(await from(url)).toEqual(expected);
  }

  it('answers what Nest’s pipeline answers', async () => {
    for (const id of productIds) await everyWay(`/products/${id}`);
    for (const path of ['/home', '/categories', '/products', '/products?sort=sales&limit=3']) {
      await everyWay(path);
      await everyWay(path, { 'accept-encoding': 'gzip' });
      await everyWay(path, { 'accept-encoding': 'br;q=1, gzip;q=0.5' });
      await everyWay(path, {}, 'HEAD');
    }
  });

  it.each([
    '/products?limit=0',
    '/products?sort=random&offset=1',
    '/products?q=%00',
    '/products?q=a&q=b',
    '/products?cursor=abc',
    `/products/${'x'.repeat(65)}`,
    `/products/${'x'.repeat(257)}`,
    '/products/nothing',
    '/products/%00',
    '/products/%',
    '/products/constructor',
    '/products?__proto__=1&constructor=2',
    `/products/${newId()}`,
    '/home?x=1',
  ])('refuses in the pipeline’s words: %s', async path => {
    await everyWay(path);
    await everyWay(path, { 'accept-language': 'en' });
    await everyWay(path, {}, 'HEAD');
  });

  it.each([
    ['no token', 'Basic abc'],
    ['an empty one', ''],
    ['one of somebody else', 'Bearer x.y.z'],
  ])(
    'refuses a token as the pipeline does, before it looks at anything else: %s',
    async (_, authorization) => {
      for (const path of ['/home', '/products?limit=x', '/products/nothing'])
        await everyWay(path, { authorization });
    },
  );

  it('refuses a session that has ended', async () => {
    const shopper = await Shopper.login(pipeline);
    await shopper.post('/auth/logout', {});
    await everyWay('/home', { authorization: `Bearer ${shopper.token}` });
  });

  it.each([
    ['that is not held', () => `/products/${newId()}`],
    ['that is refused', () => '/products?limit=x'],
  ])('counts for its caller what the pipeline would count: what %s', async (_, path) => {
    for (const { url } of [pipeline, uncached, cached]) {
      const { token } = await Shopper.login(pipeline);
      const authorization = `Bearer ${token}`;
      const answers: RawAnswer[] = [];
      for (let count = 0; count < 7; count++) answers.push(await ask(url, path(), { authorization }));
      expect(answers.slice(0, 6).map(({ status }) => status)).not.toContain(429);
      const { status, headers } = answers[6]!;
      expect([status, headers['ratelimit-policy']]).toEqual([429, '"caller";q=6;w=3600']);
      expect(headers['cache-control']).toBe('no-store');
    }
  });

  it('counts nobody for what is held', async () => {
    const { token } = await Shopper.login(pipeline);
    const authorization = `Bearer ${token}`;
    await ask(cached.url, '/home');
    for (let count = 0; count < 10; count++)
      expect((await ask(cached.url, '/home', { authorization })).status).toBe(200);
  });
});
