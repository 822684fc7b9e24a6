import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpConfig } from '../../src/platform/http/http.config.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { validValue } from '../support/bad-values.ts';
import { fillPath, operations, parametersIn } from '../support/openapi.ts';
import { flawOf, leakIn } from '../support/problems.ts';
import { send, sendBytes, type RawAnswer } from '../support/raw.ts';
import { homeAddress, Shopper } from '../support/shopper.ts';
import { Staff } from '../support/staff.ts';

const routes = operations();
const id = '01920000-0000-7000-8000-000000000000';
const posts = routes.filter(({ method }) => method === 'POST');
const withPath = routes.filter(route => parametersIn(route, 'path').length > 0);

describe('bad requests', () => {
  let shop: TestApp;
  let shopper: Shopper;
  let owner: Staff;
  let limits: HttpConfig;
  beforeAll(async () => {
    shop = await startApp();
    shopper = await Shopper.login(shop);
    owner = await Staff.hire(shop, 'owner');
    limits = shop.app.get(HttpConfig);
  });
  afterAll(() => shop.stop());

  const ask = (method: string, target: string, headers: Record<string, string> = {}, body?: string) =>
    send(shop.url, method, target, {
      headers: { authorization: `Bearer ${tokenFor(target)}`, ...headers },
      body,
    });

  /** A shopper's token on a public route is looked at, too; a member of staff's would be refused there. */
  const publicTargets = new Set(routes.filter(({ isPublic }) => isPublic).map(({ path }) => path));
  const tokenFor = (target: string): string =>
    target.startsWith('/api/v1/admin/') && !publicTargets.has(target) ? owner.token : shopper.token;

  const flawsOf = async (answers: Record<string, Promise<RawAnswer>>): Promise<string[]> => {
    const flaws: string[] = [];
    for (const [what, pending] of Object.entries(answers)) {
      const answer = await pending.catch((error: Error) => ({ status: 0, headers: {}, text: error.message }));
      const flaw = flawOf(answer);
      if (flaw) flaws.push(`${what}: ${flaw}`);
    }
    return flaws;
  };

  it.each(withPath)('%s refuses paths that no id can be', async ({ method, path }) => {
    const broken = [
      '%00',
      'a%00b',
      '%',
      '%zz',
      '%c3%28',
      '%ff',
      '%2e%2e%2f',
      '..%2f..%2fetc',
      'x'.repeat(65),
      'x'.repeat(300),
      '%F0%9F%98%80'.repeat(30),
      "'%3Bdrop%20table%20orders--",
      '%20',
      'null',
      '__proto__',
    ];
    const body = method === 'PUT' ? '{"quantity":1}' : method === 'PATCH' ? '{"userName":"a"}' : undefined;
    const type: Record<string, string> = body ? { 'content-type': 'application/json' } : {};
    const answers = Object.fromEntries(
      broken.map(id => [
        id,
        ask(
          method,
          fillPath(path, () => id),
          type,
          body,
        ),
      ]),
    );
    if (path === '/api/v1/cart/items/{skuId}' && method === 'DELETE') return expectRemovedOrRefused(answers);
    expect(await flawsOf(answers)).toEqual([]);
  });

  /** Removing what is not in the cart is fine, whatever it is called. */
  async function expectRemovedOrRefused(answers: Record<string, Promise<RawAnswer>>): Promise<void> {
    for (const pending of Object.values(answers)) {
      const answer = await pending;
      expect(answer.status === 204 ? undefined : flawOf(answer)).toBeUndefined();
    }
  }

  it('refuses targets that cannot be decoded or are too long', async () => {
    const targets = [
      '/%',
      '/api/v1/%zz',
      '/%c0%af',
      '/api/v1/orders/%E0%A4%A',
      `/api/v1/${'x'.repeat(10_000)}`,
      `/api/v1/products?q=${'x'.repeat(10_000)}`,
      '//',
      '/api/v1//orders',
      '/api/v1/orders/',
      '/API/V1/orders',
      '/api/v1/orders;x=1',
    ];
    expect(await flawsOf(Object.fromEntries(targets.map(target => [target, ask('GET', target)])))).toEqual(
      [],
    );
  });

  it.each(posts)(
    '%s, whether it keeps them or not, refuses idempotency keys of another form',
    async ({ method, path, body }) => {
      const keys = {
        'too long': 'k'.repeat(65),
        'with a space': 'a b',
        'not ASCII': 'ké',
        'a list': 'a, b',
        'a tab': 'a\tb',
      };
      const json = { 'content-type': 'application/json' };
      const target = fillPath(path, () => id);
      // An order says more than its schema can: what is in it, or that it is the cart.
      const order = { items: [{ skuId: 'a', quantity: 1 }], addressId: 'a' };
      const sent = path.endsWith('/orders') ? order : body && validValue(body);
      for (const [what, key] of Object.entries(keys)) {
        const answer = await ask(method, target, { ...json, 'idempotency-key': key }, JSON.stringify(sent));
        expect([what, flawOf(answer), (JSON.parse(answer.text) as { code: string }).code]).toEqual([
          what,
          undefined,
          'idempotency.key_invalid',
        ]);
      }
    },
  );

  it('asks who it is before it says what is wrong with the key', async () => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'a b' };
    expect((await send(shop.url, 'POST', '/api/v1/orders', { headers, body: '{}' })).status).toBe(401);
  });

  it.each([
    ['rubbish traceparent', { traceparent: 'rubbish' }],
    ['traceparent of zeros', { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01` }],
    ['traceparent of another version', { traceparent: `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }],
    ['huge traceparent', { traceparent: 'a'.repeat(4_000) }],
    ['request id with line ends', { 'x-request-id': '%0d%0aset-cookie: a=b' }],
    ['request id with markup', { 'x-request-id': '<script>"\\' }],
    ['language rubbish', { 'accept-language': ';;q=,,,\x80' }],
    ['encodings nobody knows', { 'accept-encoding': 'zstd;q=1, unknown, *;q=0' }],
    ['a condition of rubbish', { 'if-none-match': 'W/"', 'if-modified-since': 'never' }],
    ['a range', { range: 'bytes=0-,5-1,zz' }],
    ['a method override', { 'x-http-method-override': 'DELETE' }],
    ['a forwarded host', { 'x-forwarded-host': 'evil.example', 'x-forwarded-for': "'; drop table" }],
  ])('answers as usual in spite of %s', async (_, headers) => {
    const { status, headers: given, text } = await ask('GET', '/api/v1/categories', headers);
    expect(status).toBe(200);
    expect(given['x-trace-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(given['x-trace-id']).not.toMatch(/^0+$/);
    expect(given['x-request-id']).toMatch(/^[\w.-]{1,64}$/);
    expect(text).not.toContain('evil.example');
  });

  it('answers headers beyond all bounds and what is not HTTP with a problem before it hangs up', async () => {
    const huge = await sendBytes(
      shop.url,
      `GET /ping HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
    );
    expect([flawOf(huge), huge.status]).toEqual([undefined, 431]);
    const rubbish = [
      'nonsense\r\n\r\n',
      'GET /ping HTTP/1.1\r\n\r\n',
      'GET /ping HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n',
      'POST /ping HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      'GET /a b HTTP/1.1\r\nhost: a\r\n\r\n',
    ];
    for (const bytes of rubbish) {
      const answer = await sendBytes(shop.url, bytes);
      expect([bytes, answer.status, leakIn(answer.text)]).toEqual([bytes, 400, undefined]);
    }
  });

  it.each([
    'q=%',
    'q=%f0%9f%98',
    'categoryId=%ed%a0%80',
    'q=%25%5f%5c',
    "q='%3B--",
    'q=%F0%9F%98%80',
    '&&&=&',
    'sort=newest&',
  ])('searches for nothing worse than nothing with ?%s', async query => {
    const answer = await ask('GET', `/api/v1/products?${query}`);
    expect([answer.status < 500, leakIn(answer.text)]).toEqual([true, undefined]);
  });

  it.each(routes.filter(({ method, body }) => method === 'POST' && body === undefined))(
    '%s takes no body for no body, though wx.request says JSON',
    async ({ method, path }) => {
      const { token } = await Shopper.login(shop);
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      const answer = await send(
        shop.url,
        method,
        fillPath(path, () => id),
        { headers, body: '' },
      );
      expect(answer.text).not.toContain('request.invalid');
    },
  );

  it.each([
    ['announced', { 'content-length': String(8 * 1_048_576) }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('answers 413 to a body far too large, %s, also while it is still coming', async (_, how) => {
    const headers = { ...how, authorization: `Bearer ${shopper.token}`, 'content-type': 'application/json' };
    const body = Buffer.alloc(8 * 1_048_576, ' ');
    const answer = await send(shop.url, 'POST', '/api/v1/addresses', { headers, body });
    expect([answer.status, flawOf(answer)]).toEqual([413, undefined]);
  });

  it('takes a body of just the size it allows, and not a byte more', async () => {
    const address = Buffer.from(JSON.stringify(homeAddress));
    const sent = (bytes: number): Promise<RawAnswer> => {
      const headers = { authorization: `Bearer ${shopper.token}`, 'content-type': 'application/json' };
      const body = Buffer.concat([address, Buffer.alloc(bytes - address.length, ' ')]);
      return send(shop.url, 'POST', '/api/v1/addresses', { headers, body });
    };
    expect((await sent(limits.bodyLimit)).status).toBe(201);
    const larger = await sent(limits.bodyLimit + 1);
    expect([larger.status, flawOf(larger)]).toEqual([413, undefined]);
  });

  it.each([
    ['a header', (x: string) => `GET /ping HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx: ${x}\r\n\r\n`],
    ['the target', (x: string) => `GET /ping?${x} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`],
  ])('takes a head as large as it allows, and answers 431 to a larger one, by %s', async (_, withText) => {
    const sent = (bytes: number) => sendBytes(shop.url, withText('x'.repeat(bytes - withText('').length)));
    // Node does not count the line ends.
    expect((await sent(limits.headerLimit - 64)).status).toBe(200);
    const larger = await sent(limits.headerLimit + 64);
    expect([larger.status, flawOf(larger)]).toEqual([431, undefined]);
  });

  it('refuses tokens of every wrong form with 401', async () => {
    const [head, , signature] = shopper.token.split('.');
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const tokens = [
      '',
      'Bearer',
      'Bearer ',
      'Bearer x',
      `Basic ${shopper.token}`,
      `Bearer ${shopper.token}x`,
      `Bearer ${none}.${shopper.token.split('.')[1]}.`,
      `Bearer ${head}.e30.${signature}`,
      `Bearer ${'a'.repeat(8_000)}.b.c`,
      `Bearer ${shopper.token} ${shopper.token}`,
      `bearer\t${shopper.token}`,
      `Bearer ${shopper.refreshToken}`,
    ];
    for (const authorization of tokens) {
      const answer = await send(shop.url, 'GET', '/api/v1/me', { headers: { authorization } });
      expect([authorization, answer.status, flawOf(answer)]).toEqual([authorization, 401, undefined]);
    }
  });
});
