import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSurroundings, type Surroundings } from '../support/app.ts';
import { stockGoods } from '../support/goods.ts';
import { call } from '../support/http.ts';
import { lockUser, waitingForLocks } from '../support/row-lock.ts';
import { homeAddress, loginCode, Shopper } from '../support/shopper.ts';
import { startSibling, type Sibling } from '../support/sibling.ts';
import { until } from '../support/until.ts';

type Line = Readonly<Record<string, unknown>>;

function lines(process: Sibling): Line[] {
  return process
    .output()
    .split('\n')
    .filter(Boolean)
    .map(text => JSON.parse(text) as Line);
}

describe('what the process writes', () => {
  let ground: Surroundings;
  let shop: Sibling;
  beforeAll(async () => {
    ground = await createSurroundings({ LOG_LEVEL: 'trace', OTEL_SERVICE_NAME: 'shop-under-test' });
    shop = await startSibling(ground);
  });
  afterAll(async () => {
    await shop?.stop();
    await ground?.drop();
  });

  const target = (): { url: string; sandboxUrl: string } => ({
    url: shop.url,
    sandboxUrl: ground.sandboxUrl,
  });
  const accessLine = (requestId: string): Promise<Line> =>
    until('the access line', () =>
      lines(shop).find(line => line['request_id'] === requestId && line['status'] !== undefined),
    );

  it('is one JSON object a line that says when, how bad, who, and in which trace', async () => {
    const shopper = await Shopper.login(target());
    const requestId = `from-the-balancer-${Date.now()}`;
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const answer = await shopper.get('/orders/0190a1b2-0000-7000-8000-000000000000?secret=in-the-url', {
      headers: { 'x-request-id': requestId, traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    });
    expect(answer.headers.get('x-request-id')).toBe(requestId);
    expect(answer.headers.get('x-trace-id')).toBe(traceId);
    expect(answer.body).toMatchObject({ traceId, status: 404 });
    const line = await accessLine(requestId);
    expect(line).toMatchObject({
      level: 'info',
      service: 'shop-under-test',
      trace_id: traceId,
      request_id: requestId,
      user_id: shopper.userId,
      method: 'GET',
      route: '/api/v1/orders/:id',
      status: 404,
      msg: 'GET /api/v1/orders/:id 404',
    });
    expect(new Date(String(line['time'])).toISOString()).toBe(line['time']);
    for (const each of lines(shop)) {
      expect(each).toMatchObject({
        time: expect.any(String),
        level: expect.any(String),
        service: 'shop-under-test',
      });
      expect(typeof each['msg']).toBe('string');
    }
  });

  it('tells of a client that left before it was answered, in the log and in the metrics', async () => {
    const shopper = await Shopper.login(target());
    const lock = await lockUser(ground.database, shopper.userId);
    const leaving = new AbortController();
    const gone = fetch(`${shop.url}/api/v1/me`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${shopper.token}`,
        'content-type': 'application/json',
        'x-request-id': 'gone',
      },
      body: '{"nickname":"小鱼"}',
      signal: leaving.signal,
    });
    await until('it waits', async () => (await waitingForLocks(ground.database)) > 0);
    leaving.abort();
    await expect(gone).rejects.toThrow();
    expect(await accessLine('gone')).toMatchObject({
      status: 499,
      route: '/api/v1/me',
      user_id: shopper.userId,
    });
    await lock.release();
    const metrics = await (await fetch(`${shop.managementUrl}/metrics`)).text();
    expect(metrics).toMatch(/_count\{.*http_route="\/api\/v1\/me",http_response_status_code="499"\} 1/);
  });

  it('tells of a target that cannot be decoded, under the ids that it came with', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4737';
    const headers = { 'x-request-id': 'undecodable', traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    const answer = await call('GET', `${shop.url}/api/v1/products/%ZZ`, { headers });
    expect([answer.status, answer.headers.get('x-trace-id')]).toEqual([400, traceId]);
    expect(await accessLine('undecodable')).toMatchObject({ status: 400, trace_id: traceId });
  });

  it('tells of what was no request at all', async () => {
    const socket = connect(Number(new URL(shop.url).port), '127.0.0.1');
    socket.end('NONSENSE\r\n\r\n');
    await once(socket.resume(), 'close');
    await until('its line', () =>
      lines(shop).find(line => line['route'] === 'malformed' && line['status'] === 400),
    );
  });

  it('repeats nothing of a path that it does not know', async () => {
    await call('GET', `${shop.url}/api/v1/nope/hidden-path?token=hidden-query`, {
      headers: { 'x-request-id': 'unknown-path' },
    });
    await accessLine('unknown-path');
    expect(shop.output()).not.toMatch(/hidden-(path|query)/);
  });

  it('takes no request id that could forge a line', async () => {
    for (const forged of ['a b', 'x'.repeat(65), '{"level":"error"}']) {
      const answer = await call('GET', `${shop.url}/ping`, { headers: { 'x-request-id': forged } });
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('has no line for a probe', async () => {
    for (const path of ['/livez', '/readyz', '/startupz']) await call('GET', `${shop.url}${path}`);
    const requestId = `after-the-probes-${Date.now()}`;
    await call('GET', `${shop.url}/ping`, { headers: { 'x-request-id': requestId } });
    await accessLine(requestId);
    const accessed = lines(shop).filter(line => line['context'] === 'Access');
    expect(accessed.filter(line => /livez|readyz|startupz/.test(String(line['route'])))).toEqual([]);
  });

  it('keeps every secret of a whole journey to itself', async () => {
    const secrets = await journeyWithSecrets();
    const output = shop.output();
    expect(output.length).toBeGreaterThan(5_000);
    const leaked = Object.entries(secrets).filter(
      ([, secret]) => secret.length > 0 && output.includes(secret),
    );
    expect(leaked.map(([name]) => name)).toEqual([]);
    expect(Object.values(secrets).every(secret => secret.length >= 6)).toBe(true);
  });

  /** Plays everything that handles secrets, the refusals too, and returns the real ones that were used. */
  async function journeyWithSecrets(): Promise<Record<string, string>> {
    const { code, openid } = await loginCode(target());
    const login = await call<{ accessToken: string; refreshToken: string }>(
      'POST',
      `${shop.url}/api/v1/auth/wechat`,
      {
        body: { code },
      },
    );
    const { accessToken, refreshToken } = login.body;
    await call('POST', `${shop.url}/api/v1/auth/wechat`, { body: { code: 'refused-login-code' } });
    const shopper = await Shopper.login(target(), openid);
    const phone = '13912345678';
    const phoneCode = await call<{ code: string }>('POST', `${ground.sandboxUrl}/__sandbox/phone-codes`, {
      body: { openid, phone },
    });
    expect((await shopper.post('/me/phone', { code: phoneCode.body.code })).status).toBe(200);
    await shopper.post('/me/phone', { code: 'refused-phone-code' });
    const { skuId } = await stockGoods(ground.database);
    const order = await shopper.order(skuId);
    await shopper.pay(order.id, { outcome: 'paid' });
    await until(
      'the order is paid',
      async () => (await shopper.get(`/orders/${order.id}`)).body['status'] === 'paid',
    );
    await shopper.post('/addresses', { ...homeAddress, telNumber: 'not-a-phone-number' });
    const rotated = await call<{ refreshToken: string }>('POST', `${shop.url}/api/v1/auth/refresh`, {
      body: { refreshToken },
    });
    await call('POST', `${shop.url}/api/v1/auth/refresh`, { body: { refreshToken } });
    await call('GET', `${shop.url}/api/v1/me`, { token: `${accessToken}x` });
    await shopper.post('/auth/logout');
    const env = ground.env;
    return {
      code,
      openid,
      accessToken,
      refreshToken,
      phone,
      rotatedRefreshToken: rotated.body.refreshToken,
      secondToken: shopper.token,
      phoneCode: phoneCode.body.code,
      refusedLoginCode: 'refused-login-code',
      refusedPhoneCode: 'refused-phone-code',
      telNumber: homeAddress.telNumber,
      detailInfo: homeAddress.detailInfo,
      databasePassword: new URL(env['DATABASE_URL']!).password,
      jwtSecret: env['AUTH_JWT_SECRET']!,
      dataKey: env['AUTH_DATA_KEY']!,
      appSecret: env['WECHAT_APP_SECRET']!,
      apiV3Key: env['WECHAT_PAY_API_V3_KEY']!,
      privateKey: env['WECHAT_PAY_MERCHANT_PRIVATE_KEY']!.replaceAll('\\n', '\n').split('\n')[1]!,
      querySecret: 'in-the-url',
    };
  }

  it('believes X-Forwarded-For only from a proxy that was named', async () => {
    const proxied = await startSibling(ground, { HTTP_TRUST_PROXY: '127.0.0.1', LOG_LEVEL: 'info' });
    const ipAt = async (process: Sibling): Promise<unknown> => {
      const requestId = `forwarded-${process.pid}`;
      const headers = { 'x-forwarded-for': '203.0.113.7', 'x-request-id': requestId };
      await call('GET', `${process.url}/ping`, { headers });
      return (await until('its line', () => lines(process).find(line => line['request_id'] === requestId)))[
        'ip'
      ];
    };
    expect(await ipAt(shop)).toBe('127.0.0.1');
    expect(await ipAt(proxied)).toBe('203.0.113.7');
    await proxied.stop();
  });
});
