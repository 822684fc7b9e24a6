import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSurroundings, type Surroundings } from '../support/app.ts';
import { KeepAliveClient } from '../support/keep-alive-client.ts';
import { lockUser, waitingForLocks } from '../support/row-lock.ts';
import { Shopper } from '../support/shopper.ts';
import { startSibling, type Sibling } from '../support/sibling.ts';
import { until } from '../support/until.ts';

describe('a handler that is slower than the deadline', () => {
  let ground: Surroundings;
  let shop: Sibling;
  let client: KeepAliveClient;
  beforeAll(async () => {
    ground = await createSurroundings({
      HTTP_REQUEST_TIMEOUT: '3s',
      DATABASE_LOCK_TIMEOUT: '10s',
      DATABASE_STATEMENT_TIMEOUT: '10s',
      LOG_LEVEL: 'info',
    });
    shop = await startSibling(ground);
    client = new KeepAliveClient(shop.url);
  });
  afterAll(async () => {
    client.close();
    await shop.stop();
    await ground.drop();
  });

  it('is answered 503 with Retry-After in its place, and its late answer harms nobody', async () => {
    const shopper = await Shopper.login({ url: shop.url, sandboxUrl: ground.sandboxUrl });
    const { token } = shopper;
    const lock = await lockUser(ground.database, shopper.userId);
    const refused = await client.send('/api/v1/me', { method: 'PATCH', token, body: { nickname: '慢' } });
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({ 'retry-after': '1', 'cache-control': 'no-store' });
    expect(refused.headers['content-type']).toContain('application/problem+json');
    const problem = JSON.parse(refused.text) as Record<string, unknown>;
    expect(problem).toMatchObject({
      status: 503,
      code: 'request.timeout',
      traceId: refused.headers['x-trace-id'],
    });
    expect(await waitingForLocks(ground.database)).toBe(1);

    // The same connection goes on while the late answer is still to come, and after it came.
    expect(JSON.parse((await client.send('/ping')).text)).toEqual({ message: 'pong' });
    await lock.release();
    await until('the late one is through', async () => (await waitingForLocks(ground.database)) === 0);
    for (let turn = 0; turn < 5; turn++) {
      expect(JSON.parse((await client.send('/ping')).text)).toEqual({ message: 'pong' });
    }
    expect(shop.hasExited()).toBe(false);
    expect(shop.output()).not.toMatch(/ERR_HTTP_HEADERS_SENT|FST_ERR_REP|unhandled|uncaught/i);
  });

  it('does not keep its connection to PostgreSQL afterwards', async () => {
    const shopper = await Shopper.login({ url: shop.url, sandboxUrl: ground.sandboxUrl });
    const lock = await lockUser(ground.database, shopper.userId);
    await client.send('/api/v1/me', { method: 'PATCH', token: shopper.token, body: { nickname: '慢' } });
    await lock.release();
    await until('every connection is idle', async () => {
      const text = await (await fetch(`${shop.managementUrl}/metrics`)).text();
      return text.includes('db_client_connections{state="used"} 0');
    });
  });
});
