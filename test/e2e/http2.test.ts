import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../tools/embedded/ports.ts';
import { createSurroundings, type Surroundings } from '../support/app.ts';
import { stockGoods } from '../support/goods.ts';
import { Http2Client, outcomeOf, type StreamOutcome } from '../support/http2-client.ts';
import { lockUser, waitingForLocks } from '../support/row-lock.ts';
import { send } from '../support/raw.ts';
import { Shopper } from '../support/shopper.ts';
import { spawnSibling, startSibling, type Sibling } from '../support/sibling.ts';
import { until } from '../support/until.ts';

/** Different in every answer, and what only one of the two versions has. */
const own = [
  'date',
  'x-request-id',
  'x-trace-id',
  'connection',
  'keep-alive',
  'transfer-encoding',
  ':status',
];

function essence({ status, headers, text }: Pick<StreamOutcome, 'status' | 'headers' | 'text'>): unknown {
  const told = Object.entries(headers).filter(([name]) => !own.includes(name));
  return { status, ...Object.fromEntries(told), text: text.replace(/"traceId":"\w+"/, '') };
}

describe('HTTP/2 on a port of its own', () => {
  let ground: Surroundings;
  let shop: Sibling;
  let client: Http2Client;
  let productIds: readonly string[];
  beforeAll(async () => {
    ground = await createSurroundings({ LOG_LEVEL: 'info', HTTP_TRUST_PROXY: '127.0.0.1' });
    const port = await freePort();
    shop = await startSibling(ground, { HTTP_H2C_PORT: `${port}` });
    client = await Http2Client.connect(`http://127.0.0.1:${port}`);
    const goods = await Promise.all(Array.from({ length: 20 }, () => stockGoods(ground.database)));
    productIds = goods.map(({ productId }) => productId);
  });
  afterAll(async () => {
    client.close();
    await shop.stop();
    await ground.drop();
  });

  const login = (): Promise<Shopper> => Shopper.login({ url: shop.url, sandboxUrl: ground.sandboxUrl });
  const accessLine = (requestId: string): Promise<Record<string, unknown>> =>
    until('the access line', () => {
      const lines = shop.output().split('\n');
      const line = lines.find(text => text.includes(requestId) && text.includes('"context":"Access"'));
      return line === undefined ? undefined : (JSON.parse(line) as Record<string, unknown>);
    });

  it('mixes up nothing of hundreds of requests on one connection', async () => {
    const asked = Array.from({ length: 400 }, (_, index) => productIds[index % productIds.length]!);
    const answers = await Promise.all(asked.map(id => client.send(`/api/v1/products/${id}`)));
    expect(answers.every(({ status, end }) => status === 200 && end === 'NGHTTP2_NO_ERROR')).toBe(true);
    expect(answers.map(({ text }) => (JSON.parse(text) as { id: string }).id)).toEqual(asked);
    expect(new Set(answers.map(({ headers }) => headers['x-trace-id'])).size).toBe(asked.length);
  });

  it('lets a quick request overtake a slow one of the same connection', async () => {
    const shopper = await login();
    const lock = await lockUser(ground.database, shopper.userId);
    const slow = client.send('/api/v1/me', {
      method: 'PATCH',
      token: shopper.token,
      body: { nickname: '小鱼' },
    });
    await until('it waits', async () => (await waitingForLocks(ground.database)) > 0);
    expect(await client.send('/ping')).toMatchObject({ status: 200 });
    await lock.release();
    expect(await slow).toMatchObject({ status: 200 });
  });

  it.each([
    ['a product', 'GET', '/api/v1/products/{id}', {}],
    ['a compressed list', 'GET', '/api/v1/products', { 'accept-encoding': 'gzip' }],
    ['a list', 'GET', '/api/v1/products?limit=5', {}],
    ['what has not changed', 'GET', '/api/v1/categories', { 'if-none-match': '*' }],
    ['a head', 'HEAD', '/api/v1/products', {}],
    ['a file', 'GET', '/', {}],
    ['a large file', 'GET', '/api/openapi.json', {}],
    ['what is not there', 'GET', '/api/v1/nothing', {}],
    ['what nobody may see', 'GET', '/api/v1/me', { 'accept-language': 'en' }],
    ['what cannot be decoded', 'GET', '/api/v1/products/%zz', {}],
    ['a body that is no JSON', 'POST', '/api/v1/auth/wechat', { 'content-type': 'application/json' }],
  ])('answers %s as HTTP/1.1 does', async (_, method, template, headers) => {
    const path = template.replace('{id}', productIds[0]!);
    const body = method === 'POST' ? '{' : undefined;
    const first = await send(shop.url, method, path, { headers, body });
    const second = await client.send(path, { method, headers, body });
    expect(essence(second)).toEqual(essence(first));
    for (const name of ['connection', 'keep-alive', 'transfer-encoding']) {
      expect(second.headers).not.toHaveProperty(name);
    }
  });

  it('tells of every request in the log and in the metrics', async () => {
    const shopper = await login();
    const headers = { 'x-request-id': 'by-http2', 'x-forwarded-for': '198.51.100.7' };
    await client.send('/api/v1/me', { token: shopper.token, headers });
    expect(await accessLine('by-http2')).toMatchObject({
      method: 'GET',
      route: '/api/v1/me',
      status: 200,
      user_id: shopper.userId,
      ip: '198.51.100.7',
    });
    const metrics = await (await fetch(`${shop.managementUrl}/metrics`)).text();
    expect(metrics).toMatch(
      /^http_server_request_duration_seconds_count\{.*http_route="\/api\/v1\/me".*\} [1-9]/m,
    );
  });

  it('tells of a client that has left before it was answered', async () => {
    const shopper = await login();
    const lock = await lockUser(ground.database, shopper.userId);
    const headers = { 'x-request-id': 'left-http2', 'content-type': 'application/json' };
    const stream = client.open('/api/v1/me', { method: 'PATCH', token: shopper.token, headers }, false);
    stream.end('{"nickname":"小鱼"}');
    await until('it waits', async () => (await waitingForLocks(ground.database)) > 0);
    const left = outcomeOf(stream);
    stream.close();
    await left;
    await lock.release();
    expect(await accessLine('left-http2')).toMatchObject({ status: 499, ip: '127.0.0.1' });
  });

  it('is not opened without its port: somebody relies on it', async () => {
    const taken = client.url.split(':').at(-1)!;
    const other = await spawnSibling('main', { ...ground.env, HTTP_H2C_PORT: taken });
    expect(await other.exited).toBe(1);
    expect(other.output()).toContain('EADDRINUSE');
  });
});
