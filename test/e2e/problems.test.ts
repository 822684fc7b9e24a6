import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { call, type Answer } from '../support/http.ts';
import { flawOf } from '../support/problems.ts';
import { send } from '../support/raw.ts';
import { Shopper } from '../support/shopper.ts';

interface Problem {
  readonly title: string;
  readonly code: string;
  readonly traceId: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

const traceId = '0af7651916cd43dd8448eb211c80319c';

describe('problems and what travels with every answer', () => {
  let shop: TestApp;
  let shopper: Shopper;
  beforeAll(async () => {
    shop = await startApp();
    shopper = await Shopper.login(shop);
  });
  afterAll(() => shop.stop());

  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer<Problem>> =>
    call('GET', shop.url + path, { headers });

  it.each([
    [undefined, 'zh'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['en-GB,en;q=0.9', 'en'],
    ['EN', 'en'],
    ['fr,en;q=0.5,zh;q=0.4', 'en'],
    ['fr', 'zh'],
    ['', 'zh'],
    ['english', 'en'],
  ])('speaks to who accepts %j in %s', async (accepted, language) => {
    const headers: Record<string, string> = accepted === undefined ? {} : { 'accept-language': accepted };
    const [missing, invalid] = [
      await get('/api/v1/orders/x', headers),
      await get('/api/v1/products?limit=0', headers),
    ];
    expect(missing.body.title).toBe(language === 'en' ? 'Please log in' : '请先登录');
    expect(invalid.body.title).toBe(language === 'en' ? 'The request is not valid' : '请求内容不正确');
    expect(/\p{Script=Han}/u.test(invalid.body.errors![0]!.message)).toBe(language === 'zh');
  });

  it('words each answer for its own client when both languages ask at once', async () => {
    const asked = Array.from({ length: 40 }, (_, index) => (index % 2 ? 'en' : 'zh'));
    const answers = await Promise.all(
      asked.map(language => get('/api/v1/products?limit=0', { 'accept-language': language })),
    );
    const spoken = answers.map(({ body }) =>
      /\p{Script=Han}/u.test(body.errors![0]!.message) ? 'zh' : 'en',
    );
    expect(spoken).toEqual(asked);
  });

  it.each([
    ['GET', '/api/v1/nothing'],
    ['GET', '/api/v2/products'],
    ['GET', '/api'],
    ['GET', '/nothing.html'],
    ['GET', '/api/v1/ping'],
    ['GET', '/metrics'],
    ['GET', '/debug/pprof/heap'],
    ['POST', '/'],
    ['POST', '/ping'],
    ['DELETE', '/api/v1/products'],
    ['PUT', '/api/v1/orders'],
    ['GET', '/api/v1/auth/wechat'],
    ['OPTIONS', '/api/v1/orders'],
    ['TRACE', '/api/v1/orders'],
    ['PROPFIND', '/'],
  ])('answers 404 to %s %s', async (method, path) => {
    const answer = await send(shop.url, method, path);
    expect([answer.status, flawOf(answer)]).toEqual([404, undefined]);
    expect((JSON.parse(answer.text) as Problem).code).toBe('route.not_found');
  });

  it.each([
    ['no token', {}],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['a token of nobody', { authorization: 'Bearer a.b.c' }],
  ])('asks for a bearer token when there is %s', async (_, headers) => {
    const answer = await get('/api/v1/me', headers);
    expect([answer.status, flawOf(answer)]).toEqual([401, undefined]);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('verifies a token even where none is needed', async () => {
    const answer = await get('/api/v1/categories', { authorization: 'Bearer a.b.c' });
    expect(answer.status).toBe(401);
    const fine = await shopper.get('/categories');
    expect(fine.status).toBe(200);
  });

  it.each(['a', 'A-b_c.9', 'x'.repeat(64)])('keeps the request id %s', async id => {
    const answer = await get('/api/v1/nothing', { 'x-request-id': id });
    expect(answer.headers.get('x-request-id')).toBe(id);
  });

  it.each(['', 'x'.repeat(65), 'a b', 'ä', '{"a":1}', '../../etc'])(
    'replaces the request id %j',
    async id => {
      const { headers } = await send(shop.url, 'GET', '/api/v1/nothing', { headers: { 'x-request-id': id } });
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it('continues the trace of the caller', async () => {
    const answer = await get('/api/v1/nothing', { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    expect(answer.body.traceId).toBe(traceId);
    expect(answer.headers.get('x-trace-id')).toBe(traceId);
    const success = await get('/ping', { traceparent: `00-${traceId}-b7ad6b7169203331-00` });
    expect(success.headers.get('x-trace-id')).toBe(traceId);
  });

  it.each([
    `00-${traceId}-b7ad6b7169203331`,
    `00-${traceId.toUpperCase()}-b7ad6b7169203331-01`,
    `00-${traceId}-b7ad6b7169203331-01-more`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    'x'.repeat(3_000),
  ])('starts a trace of its own for traceparent %s', async traceparent => {
    const [first, second] = [await get('/ping', { traceparent }), await get('/ping', { traceparent })];
    const ids = [first, second].map(({ headers }) => headers.get('x-trace-id'));
    expect(ids.every(id => /^[0-9a-f]{32}$/.test(id!) && id !== traceId && !/^0+$/.test(id!))).toBe(true);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it.each(['/me', '/addresses', '/cart', '/orders'])('lets nobody store %s', async path => {
    const answer = await shopper.get(path);
    expect([answer.status, answer.headers.get('cache-control'), answer.headers.get('etag')]).toEqual([
      200,
      'no-store',
      null,
    ]);
  });

  it('tells why in the body of an error that has details', async () => {
    const answer = await shopper.put<Problem & { type: string }>('/cart/items/x', { quantity: 1 });
    expect(answer.body).toEqual({
      type: 'urn:minnow:problem:cart.sku_not_found',
      title: '商品不存在',
      status: 404,
      code: 'cart.sku_not_found',
      traceId: answer.headers.get('x-trace-id'),
    });
  });
});
