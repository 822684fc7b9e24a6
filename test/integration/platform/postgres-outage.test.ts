import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Embedded } from '../../../tools/embedded/child.ts';
import { startPostgres } from '../../../tools/embedded/postgres.ts';
import { startReaper } from '../../../tools/embedded/reaper.ts';
import { processesIn } from '../../../tools/embedded/processes.ts';
import { createSurroundings, type Surroundings } from '../../support/app.ts';
import { migrate } from '../../support/databases.ts';
import { call, type Answer } from '../../support/http.ts';
import { homeAddress, Shopper } from '../../support/shopper.ts';
import { startSibling, type Sibling } from '../../support/sibling.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';

const root = resolve(import.meta.dirname, '../../..');
const poolMax = 4;
/** What a request may take when nobody answers: the deadline of the shop, and some for a busy test machine. */
const boundMs = 3_000 + 2_000;
const bounds = {
  DATABASE_POOL_MAX: `${poolMax}`,
  DATABASE_ACQUIRE_TIMEOUT: '2s',
  DATABASE_STATEMENT_TIMEOUT: '1s',
  DATABASE_LOCK_TIMEOUT: '500ms',
  HTTP_REQUEST_TIMEOUT: '3s',
  AUTH_SESSION_CACHE_TTL: '0',
};

interface TimedAnswer extends Answer {
  readonly tookMs: number;
}

async function timed(request: Promise<Answer>): Promise<TimedAnswer> {
  const startedAt = performance.now();
  const answer = await request;
  return { ...answer, tookMs: performance.now() - startedAt };
}

describe('PostgreSQL fails while the shop is open', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'minnow-outage-'));
  const reaper = startReaper();
  let postgres: Embedded;
  let proxy: TcpProxy;
  let ground: Surroundings;
  let shop: Sibling;
  let shopper: Shopper;

  beforeAll(async () => {
    reaper.discard(dataDir);
    postgres = await startPostgres({ dataDir, durable: false, watch: reaper });
    await migrate(root, postgres.url);
    proxy = await startTcpProxy(new URL(postgres.url));
    const viaProxy = new URL(postgres.url);
    viaProxy.port = `${proxy.port}`;
    ground = await createSurroundings({ ...bounds, DATABASE_URL: postgres.url });
    shop = await startSibling(ground, { DATABASE_URL: viaProxy.href });
    shopper = await Shopper.login({ url: shop.url, sandboxUrl: ground.sandboxUrl });
  });
  afterAll(async () => {
    await shop?.stop();
    await ground?.drop();
    await proxy?.close();
    await postgres?.destroy();
    reaper.close();
  });

  const read = (): Promise<TimedAnswer> => timed(shopper.get('/me'));
  const browse = (): Promise<TimedAnswer> => timed(call('GET', `${shop.url}/api/v1/products?limit=1`));
  const write = (): Promise<TimedAnswer> => timed(shopper.post('/addresses', homeAddress));
  const probe = (path: string): Promise<Answer> => call('GET', `${shop.url}${path}`);

  function expectRefused(answer: TimedAnswer): void {
    expect(answer.status).toBe(503);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.body['code']).toMatch(/^(database\.unavailable|request\.timeout)$/);
    expect(answer.tookMs).toBeLessThan(boundMs);
  }

  async function expectRecovered(): Promise<void> {
    await until('reads work again', async () => (await read()).status === 200);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => (index % 2 ? write() : read())),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      200, 200, 200, 200, 200, 200, 201, 201, 201, 201, 201, 201,
    ]);
    await until('readyz is ok again', async () => (await probe('/readyz')).status === 200);
    expect(shop.hasExited()).toBe(false);
  }

  async function expectConnectionsAtRest(): Promise<void> {
    const metric = async (name: string): Promise<number> => {
      const text = await (await fetch(`${shop.managementUrl}/metrics`)).text();
      const line = text.split('\n').find(one => one.startsWith(`${name} `));
      return Number(line?.split(' ')[1]);
    };
    await until(
      'no connection is in use',
      async () => (await metric('db_client_connections{state="used"}')) === 0,
    );
    expect(await metric('db_client_connection_pending_requests')).toBe(0);
    const sql = `select count(*)::int as count from pg_stat_activity where application_name = 'minnow'`;
    const { rows } = await ground.database.query<{ count: number }>(sql);
    expect(rows[0]!.count).toBeLessThanOrEqual(poolMax);
  }

  it('refuses with 503 in time while it is down, and opens again by itself', async () => {
    await postgres.stop();
    const answers = await Promise.all([read(), browse(), write(), write(), browse(), read()]);
    for (const answer of answers) {
      expectRefused(answer);
      expect(answer.body['code']).toBe('database.unavailable');
    }
    await until('readyz says 503', async () => (await probe('/readyz')).status === 503);
    expect((await probe('/livez')).status).toBe(200);
    expect((await probe('/ping')).status).toBe(200);
    postgres = await startPostgres({
      dataDir,
      durable: false,
      watch: reaper,
      port: Number(new URL(postgres.url).port),
    });
    await expectRecovered();
    await expectConnectionsAtRest();
  });

  it('survives the end of its idle connections', async () => {
    await read();
    await ground.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'minnow'`,
    );
    await expectRecovered();
  });

  it('answers in time while PostgreSQL is frozen', async () => {
    const pids = processesIn(join(dataDir, 'data')).concat(postgres.pid);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => (index % 2 ? write() : read())),
      );
      for (const answer of answers) expectRefused(answer);
      await until('readyz says 503', async () => (await probe('/readyz')).status === 503);
      expect((await probe('/livez')).status).toBe(200);
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    await expectRecovered();
    await expectConnectionsAtRest();
  });

  it('replaces connections whose peer is gone without a word, instead of trying each again and again', async () => {
    await Promise.all(Array.from({ length: 8 }, read));
    proxy.strand();
    const first = await Promise.all(Array.from({ length: 4 }, (_, index) => (index % 2 ? write() : read())));
    for (const answer of first.filter(({ status }) => status >= 300)) expectRefused(answer);
    await until('the stranded connections are gone', async () => (await read()).status === 200);
    await expectRecovered();
  });
});
