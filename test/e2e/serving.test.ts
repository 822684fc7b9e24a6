import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProductDesk } from '../../src/modules/catalog/catalog-desk.contract.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { stockGoods } from '../support/goods.ts';
import { call, type Answer } from '../support/http.ts';
import { KeepAliveClient } from '../support/keep-alive-client.ts';
import { leakIn } from '../support/problems.ts';
import { send, sendBytes } from '../support/raw.ts';
import { until } from '../support/until.ts';

describe('what is served to everybody', () => {
  let shop: TestApp;
  let folder: string;
  let productId: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'minnow-media-'));
    mkdirSync(join(folder, 'media'));
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    writeFileSync(
      join(folder, 'media', 'fish.svg'),
      `<svg xmlns="http://www.w3.org/2000/svg">${' '.repeat(2_000)}</svg>`,
    );
    shop = await startApp({ MEDIA_ROOT: join(folder, 'media') });
    for (let index = 0; index < 10; index++) ({ productId } = await stockGoods(shop.database));
  });
  afterAll(async () => {
    await shop.stop();
    rmSync(folder, { recursive: true });
  });

  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    call('GET', shop.url + path, { headers });

  it.each([
    ['/api/v1/categories', 60],
    ['/api/v1/products?limit=5', 30],
    ['/api/v1/home', 30],
    ['/api/v1/products/{id}', 5],
  ])('sends %s once, to be kept for %i seconds, and 304 to who has it', async (route, maxAgeSeconds) => {
    const path = route.replace('{id}', productId);
    const first = await get(path);
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^W\/"[\w-]+"$/);
    expect(first.headers.get('cache-control')).toBe(`public, max-age=${maxAgeSeconds}`);
    for (const known of [etag, `"other", ${etag}`, etag.replace('W/', ''), '*']) {
      const again = await get(path, { 'if-none-match': known });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    }
    const other = await get(path, { 'if-none-match': '"other"' });
    expect([other.status, other.text]).toEqual([200, first.text]);
  });

  it('tells a balancer how long it may use a connection again, which is longer than balancers do', async () => {
    const client = new KeepAliveClient(shop.url);
    const { headers } = await client.send('/ping');
    expect([headers.connection, headers['keep-alive']]).toEqual(['keep-alive', 'timeout=75']);
    client.close();
  });

  it('forgets its answer of yesterday when the catalogue has changed', async () => {
    const { productId: renamed } = await stockGoods(shop.database, { name: '旧名字' });
    const before = await get(`/api/v1/products/${renamed}`);
    expect(before.headers.get('etag')).not.toBeNull();
    await shop.app.get(ProductDesk, { strict: false }).update(renamed, { name: '新名字' });
    const after = await get(`/api/v1/products/${renamed}`, {
      'if-none-match': before.headers.get('etag')!,
    });
    expect(after.status).toBe(200);
    expect(after.body['name']).toBe('新名字');
  });

  it('caches no error of a cacheable route', async () => {
    const answer = await get('/api/v1/products/nothing');
    expect([answer.status, answer.headers.get('cache-control'), answer.headers.get('etag')]).toEqual([
      404,
      'no-store',
      null,
    ]);
  });

  it('compresses what is worth it for who takes it, and tells caches so', async () => {
    const plain = await send(shop.url, 'GET', '/api/v1/products');
    const zipped = await send(shop.url, 'GET', '/api/v1/products', {
      headers: { 'accept-encoding': 'gzip, br' },
    });
    expect(plain.text.length).toBeGreaterThan(1_024);
    expect([plain.headers['content-encoding'], zipped.headers['content-encoding']]).toEqual([
      undefined,
      'gzip',
    ]);
    expect(zipped.headers['vary']).toMatch(/accept-encoding/i);
    expect(zipped.headers['etag']).toBe(plain.headers['etag']);
    const small = await send(shop.url, 'GET', '/ping', { headers: { 'accept-encoding': 'gzip' } });
    expect(small.headers['content-encoding']).toBeUndefined();
    const refused = await send(shop.url, 'GET', '/api/v1/products', {
      headers: { 'accept-encoding': 'gzip;q=0' },
    });
    expect(refused.headers['content-encoding']).toBeUndefined();
  });

  it('unpacks to the same bytes', async () => {
    const response = await fetch(`${shop.url}/api/v1/products`, { headers: { 'accept-encoding': 'gzip' } });
    const plain = await send(shop.url, 'GET', '/api/v1/products');
    expect(await response.text()).toBe(plain.text);
  });

  it.each(['/livez', '/readyz', '/startupz', '/ping'])('answers GET and HEAD to %s', async path => {
    const [got, head] = [await send(shop.url, 'GET', path), await send(shop.url, 'HEAD', path)];
    expect([got.status, head.status, head.text]).toEqual([200, 200, '']);
    expect(head.headers['content-type']).toBe(got.headers['content-type']);
    expect(got.headers['cache-control']).toBe('no-store');
  });

  it('says pong', async () => {
    expect((await get('/ping')).body).toEqual({ message: 'pong' });
  });

  it('welcomes at / with a page', async () => {
    const answer = await get('/');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
  });

  it('links on the welcome page only to what is there', async () => {
    const { text } = await get('/');
    const links = [...text.matchAll(/(?:href|src)="(\/[^"]*)"/g)].map(([, link]) => link!);
    const dead = [];
    for (const link of links) if ((await get(link)).status !== 200) dead.push(link);
    expect(dead).toEqual([]);
  });

  it.each(['/api/docs', '/api/openapi.json', '/api/docs/assets/swagger-ui.css'])(
    'serves the documentation at %s',
    async path => {
      expect((await get(path)).status).toBe(200);
    },
  );

  it.each([
    '/',
    '/ping',
    '/livez',
    '/api/v1/products',
    '/api/v1/nothing',
    '/api/docs',
    '/media/fish.svg',
    '/%',
  ])('lets no browser guess what %s is', async path => {
    const { headers } = await send(shop.url, 'GET', path);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['content-security-policy']).toBeDefined();
  });

  it.each(['/ping', '/api/v1/products', '/api/v1/me', '/api/v1/nothing', '/api/openapi.json', '/%'])(
    'is only data at %s, whatever a browser is made to take it for',
    async path => {
      const { headers } = await send(shop.url, 'GET', path);
      expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    },
  );

  it('says so even to what is not HTTP', async () => {
    const { headers } = await sendBytes(shop.url, 'nonsense\r\n\r\n');
    expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('does not make a host keep to https that is not reached by it', async () => {
    const { headers } = await send(shop.url, 'GET', '/ping');
    expect(headers['strict-transport-security']).toBeUndefined();
  });

  it('lets pages show its pictures, on whatever host they are', async () => {
    const { headers } = await send(shop.url, 'GET', '/media/fish.svg');
    expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
  });

  it.each(['/', '/api/docs'])('lets the page at %s run its own scripts and no others', async path => {
    const { text, headers } = await get(path);
    const policy = headers.get('content-security-policy')!;
    const scriptSources = /script-src ([^;]*)/.exec(policy)![1]!;
    const inline = [...text.matchAll(/<script>([^]*?)<\/script>/g)].map(([, script]) => script!);
    const hashes = inline.map(script => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    expect(scriptSources).toBe(["'self'", ...hashes].join(' '));
    expect(text).not.toMatch(/(src|href)="https?:\/\/[^"]*\.(js|css)"/);
  });

  it('lets no picture run a script, not even one that is opened by itself', async () => {
    const { headers } = await send(shop.url, 'GET', '/media/fish.svg');
    expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none';/);
  });

  it('serves pictures that never change', async () => {
    const answer = await get('/media/fish.svg');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
    expect(answer.headers.get('cache-control')).toMatch(/max-age=31536000.*immutable/);
    // Not by fetch, which asks for a fresh copy whenever a condition is given.
    const headers = { 'if-none-match': answer.headers.get('etag')! };
    const again = await send(shop.url, 'GET', '/media/fish.svg', { headers });
    expect(again.status).toBe(304);
  });

  it.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/%2e%2e%2fpackage.json',
    '/..%5cpackage.json',
    '/....//package.json',
    '//etc/passwd',
    '/%2fetc%2fpasswd',
    '/media/../secret.txt',
    '/media/..%2fsecret.txt',
    '/media/%2e%2e/secret.txt',
    '/media/%2e%2e%2fsecret.txt',
    '/media/..%252fsecret.txt',
    '/media/..%c0%afsecret.txt',
    '/media/fish.svg%00.txt',
    '/media/',
    '/media',
    '/api/docs/assets/../package.json',
    '/api/docs/assets/..%2f..%2f..%2fpackage.json',
    '/.env',
    '/.git/config',
  ])('gives nothing away for %s', async path => {
    const answer = await send(shop.url, 'GET', path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.text).not.toMatch(/secret|"dependencies"|root:/);
    expect(leakIn(answer.text)).toBeUndefined();
  });
});

describe('more connections than the shop takes', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp({ HTTP_MAX_CONNECTIONS: '2', QUEUE_CONSUME: 'false' });
  });
  afterAll(() => shop.stop());

  it('are closed at once, and taken again when others have gone', async () => {
    const port = Number(new URL(shop.url).port);
    const open = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    await Promise.all(open.map(socket => once(socket, 'connect')));
    await expect(send(shop.url, 'GET', '/ping')).rejects.toThrow();
    for (const socket of open) socket.destroy();
    await until('there is room', () =>
      send(shop.url, 'GET', '/ping').then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  });
});

describe('a shop that is reached by https', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp({ PUBLIC_BASE_URL: 'https://shop.example.com', QUEUE_CONSUME: 'false' });
  });
  afterAll(() => shop.stop());

  it('is reached by nothing else for a year, its sisters as they like', async () => {
    const { headers } = await send(shop.url, 'GET', '/ping');
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
  });
});
