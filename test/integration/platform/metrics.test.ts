import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { register } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManagementServer } from '../../../src/platform/http/management.server.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods } from '../../support/goods.ts';
import { call } from '../../support/http.ts';
import { lintMetrics } from '../../support/metric-lint.ts';
import { Shopper } from '../../support/shopper.ts';
import { until } from '../../support/until.ts';

function samples(text: string, name: string): string[] {
  return text.split('\n').filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

describe('what operators measure', () => {
  let shop: TestApp;
  let management: string;
  beforeAll(async () => {
    shop = await startApp();
    management = `http://127.0.0.1:${shop.app.get(ManagementServer).port}`;
    const { skuId, productId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    await shopper.pay(order.id);
    await shopper.get(`/orders/${order.id}`);
    await call('GET', `${shop.url}/api/v1/products/${productId}?utm=1`);
  });
  afterAll(() => shop.stop());

  const scrape = async (): Promise<string> => (await fetch(`${management}/metrics`)).text();

  it('serves them on the management port only', async () => {
    expect((await call('GET', `${shop.url}/metrics`)).status).toBe(404);
    const answer = await fetch(`${management}/metrics`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect((await fetch(`${management}/etc/passwd`)).status).toBe(404);
  });

  it('names every metric as Prometheus wants it', async () => {
    const text = await scrape();
    expect(lintMetrics(text)).toEqual([]);
    const promtool = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    if (!promtool.error) expect(`${promtool.stdout}${promtool.stderr}`).toBe('');
  });

  it('would notice a badly named metric', () => {
    const bad = '# HELP a_ms x\n# TYPE a_ms gauge\na_ms 1\n# TYPE b_total gauge\nb_total 1\nc 1\n';
    expect(lintMetrics(bad)).toHaveLength(4);
  });

  it('counts requests by method, route template and status', async () => {
    const text = await scrape();
    const routes = samples(text, 'http_server_request_duration_seconds_count').join('\n');
    const labels = (method: string, route: string, status: number): string =>
      `http_request_method="${method}",http_route="${route}",http_response_status_code="${status}"`;
    expect(routes).toContain(labels('POST', '/api/v1/orders', 201));
    expect(routes).toContain(labels('GET', '/api/v1/orders/:id', 200));
    expect(routes).toContain(labels('GET', '/api/v1/products/:id', 200));
    expect(routes).not.toMatch(/[0-9a-f]{8}-|utm|\?/);
  });

  it('shows pools, queues, statements, jobs, the outbox and the event loop', async () => {
    const expected = [
      'db_client_connection_max',
      'db_client_connection_pending_requests',
      'db_client_operation_duration_seconds_count',
      'queue_jobs',
      'job_duration_seconds_count',
      'outbox_events',
      'dead_letters',
      'event_lag_seconds_count',
      'refunds_open',
      'refunds_oldest_open_age_seconds',
      'nodejs_eventloop_lag_p99_seconds',
      'process_resident_memory_bytes',
    ];
    // Jobs and the outbox come into view when the payment's event has been worked on.
    for (const name of expected)
      await until(`${name} is shown`, async () => samples(await scrape(), name).length > 0);
  });

  it('does not grow under a flood of addresses that do not exist', async () => {
    await call('GET', `${shop.url}/api/v1/no-such-route`);
    await call('GET', `${shop.url}/no-such-file`);
    await call('POST', `${shop.url}/no-such-file`, { body: {} });
    const before = samples(await scrape(), 'http_server_request_duration_seconds_count').length;
    const noise = (): string => randomBytes(6).toString('hex');
    const paths = [
      (): string => `/api/v1/${noise()}`,
      (): string => `/${noise()}`,
      (): string => `/a/${noise()}/b?${noise()}`,
    ];
    for (let turn = 0; turn < 20; turn++) {
      const flood = paths.flatMap(path => ['GET', 'POST'].map(method => call(method, shop.url + path())));
      for (const { status } of await Promise.all(flood)) expect(status).toBe(404);
    }
    const after = samples(await scrape(), 'http_server_request_duration_seconds_count');
    expect(after.length).toBeLessThanOrEqual(before + 1);
  });

  it('leaves probes out', async () => {
    for (const path of ['/livez', '/readyz', '/startupz']) await call('GET', `${shop.url}${path}`);
    expect(await scrape()).not.toMatch(/http_route="\/(livez|readyz|startupz)"/);
  });
});

describe('a shop that is not measured', () => {
  it('says so to whoever asks, and times no request', async () => {
    const shop = await startApp({ METRICS_ENABLED: 'false' });
    await call('GET', `${shop.url}/ping`);
    const answer = await fetch(`http://127.0.0.1:${shop.app.get(ManagementServer).port}/metrics`);
    expect([answer.status, await answer.text()]).toEqual([404, 'metrics are off (METRICS_ENABLED)\n']);
    const measured = await register.metrics();
    expect(samples(measured, 'http_server_request_duration_seconds_count')).toEqual([]);
    expect(samples(measured, 'process_resident_memory_bytes')).toEqual([]);
    await shop.stop();
  });
});
