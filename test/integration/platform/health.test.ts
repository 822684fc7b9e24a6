import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Transactor } from '../../../src/platform/database/transactor.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { createDatabase } from '../../support/databases.ts';
import { call, type Answer } from '../../support/http.ts';
import { lockUser } from '../../support/row-lock.ts';
import { Shopper } from '../../support/shopper.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';

describe('what a balancer asks', () => {
  let own: { url: string; drop(): Promise<void> };
  let proxy: TcpProxy;
  let shop: TestApp;
  beforeAll(async () => {
    own = await createDatabase(inject('stackEnv')['DATABASE_URL']!);
    proxy = await startTcpProxy(new URL(own.url));
    const viaProxy = new URL(own.url);
    viaProxy.port = `${proxy.port}`;
    shop = await startApp({
      DATABASE_URL: viaProxy.href,
      DATABASE_POOL_MAX: '2',
      DATABASE_ACQUIRE_TIMEOUT: '1s',
      DATABASE_IDLE_IN_TRANSACTION_TIMEOUT: '60s',
      DATABASE_LOCK_TIMEOUT: '200ms',
      // Nobody but the tests shall use the two connections.
      QUEUE_CONSUME: 'false',
    });
  });
  afterAll(async () => {
    await shop.stop();
    await proxy.close();
    await own.drop();
  });

  const ask = (path: string, method = 'GET'): Promise<Answer> => call(method, `${shop.url}${path}`);
  const isReady = async (): Promise<boolean> => (await ask('/readyz')).status === 200;

  it.each(['/livez', '/readyz', '/startupz', '/ping'])(
    'answers GET and HEAD of %s without a token',
    async path => {
      expect((await ask(path)).status).toBe(200);
      const head = await ask(path, 'HEAD');
      expect(head.status).toBe(200);
      expect(head.text).toBe('');
    },
  );

  it('says what works', async () => {
    const { body, headers } = await ask('/readyz');
    expect(body).toMatchObject({
      status: 'ok',
      details: { postgres: { status: 'up' }, redis: { status: 'up' } },
    });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('stays away while a migration is missing, stays started all the same, and comes back', async () => {
    await until('it has started', async () => (await ask('/startupz')).status === 200);
    const { rows } = await shop.database.query('delete from migrations where name like $1 returning *', [
      'CreateOutbox%',
    ]);
    expect(rows).toHaveLength(1);
    await until('readyz says 503', async () => !(await isReady()));
    const { body, text } = await ask('/readyz');
    expect(body).toMatchObject({ details: { postgres: { status: 'down', message: 'unavailable' } } });
    expect(text).not.toMatch(/CreateOutbox|migration/);
    expect((await ask('/startupz')).status).toBe(200);
    expect((await ask('/livez')).status).toBe(200);
    const { timestamp, name } = rows[0] as { timestamp: string; name: string };
    await shop.database.query('insert into migrations (timestamp, name) values ($1, $2)', [timestamp, name]);
    await until('readyz says 200', isReady);
  });

  it('asks PostgreSQL at most about once a second, however often it is asked', async () => {
    const startedAt = performance.now();
    const before = proxy.accepted();
    for (let turn = 0; turn < 10; turn++) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask('/readyz')));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(proxy.accepted() - before).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
  });

  it('is ready although every connection of the requests is busy, and refuses requests in time', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const busy = [holdConnection(held), holdConnection(held)];
    await until('both are taken', () => poolIsBusy());
    const refused = await call('GET', `${shop.url}/api/v1/products`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.body).toMatchObject({ code: 'database.unavailable', status: 503 });
    expect(refused.headers.get('retry-after')).toBe('1');
    // Beyond the cache's second, so that PostgreSQL is really asked.
    const probes = proxy.accepted();
    await until('a new probe has asked', async () => (await isReady()) && proxy.accepted() > probes);
    expect(await poolIsBusy()).toBe(true);
    release();
    await Promise.all(busy);
    await until(
      'requests work again',
      async () => (await call('GET', `${shop.url}/api/v1/products`)).status === 200,
    );
  });

  it('refuses with 503 what waits for a row that is not free in time', async () => {
    const shopper = await Shopper.login(shop);
    const lock = await lockUser(shop.database, shopper.userId);
    const refused = await shopper.send('PATCH', '/me', { body: { nickname: '慢' } });
    await lock.release();
    expect(refused.status).toBe(503);
    expect(refused.body).toMatchObject({ code: 'database.unavailable' });
    expect(refused.headers.get('retry-after')).toBe('1');
  });

  function holdConnection(held: Promise<void>): Promise<void> {
    const transactor = shop.app.get(Transactor);
    return transactor.run(async () => {
      await transactor.query('select 1');
      await held;
    });
  }

  async function poolIsBusy(): Promise<boolean> {
    const sql = `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and application_name = 'minnow' and state = 'idle in transaction'`;
    const { rows } = await shop.database.query<{ count: number }>(sql);
    return rows[0]!.count === 2;
  }
});
