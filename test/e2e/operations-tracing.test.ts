import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSurroundings, type Surroundings } from '../support/app.ts';
import { stockGoods } from '../support/goods.ts';
import { call } from '../support/http.ts';
import { startOtlpSink, type OtlpSink, type ReceivedSpan } from '../support/otlp-sink.ts';
import { Shopper } from '../support/shopper.ts';
import { startSibling } from '../support/sibling.ts';
import { until } from '../support/until.ts';

const [server, client, consumer] = [2, 3, 5];
const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const traceparent = `00-${caller.traceId}-${caller.spanId}-01`;

describe('a trace', () => {
  let ground: Surroundings;
  beforeAll(async () => {
    ground = await createSurroundings();
  });
  afterAll(() => ground.drop());

  describe('that a collector receives', () => {
    let sink: OtlpSink;
    let spans: readonly ReceivedSpan[];
    beforeAll(async () => {
      sink = await startOtlpSink();
      const shop = await startSibling(ground, { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url });
      const shopper = await Shopper.login({ url: shop.url, sandboxUrl: ground.sandboxUrl });
      const { skuId } = await stockGoods(ground.database);
      const order = await shopper.order(skuId);
      await shopper.get(`/orders/${order.id}`, { headers: { traceparent } });
      await shopper.get('/orders/0190a1b2-0000-7000-8000-000000000000');
      await shopper.pay(order.id, { outcome: 'paid' });
      await until(
        'the order is paid',
        async () => (await shopper.get(`/orders/${order.id}`)).body['status'] === 'paid',
      );
      await call('GET', `${shop.url}/readyz`);
      // The last spans are sent on the way out.
      await shop.stop();
      spans = sink.spans();
    });
    afterAll(() => sink.close());

    const named = (name: string): ReceivedSpan[] => spans.filter(span => span.name === name);

    it('names the route and the status, and continues the caller’s trace', () => {
      const span = named('GET /api/v1/orders/:id').find(({ traceId }) => traceId === caller.traceId);
      expect(span).toMatchObject({
        kind: server,
        parentSpanId: caller.spanId,
        attributes: {
          'http.request.method': 'GET',
          'http.route': '/api/v1/orders/:id',
          'http.response.status_code': 200,
        },
      });
    });

    it('holds the statements of the request, under the request', () => {
      const request = named('GET /api/v1/orders/:id').find(({ traceId }) => traceId === caller.traceId)!;
      const statements = spans.filter(
        ({ traceId, attributes }) => traceId === caller.traceId && 'db.system.name' in attributes,
      );
      expect(statements.map(({ name }) => name)).toContain('SELECT');
      for (const statement of statements) {
        expect(statement).toMatchObject({
          kind: client,
          parentSpanId: request.spanId,
          attributes: { 'db.system.name': 'postgresql' },
        });
      }
    });

    it('goes on in the job that the request’s event started', () => {
      const [job] = named('process order.apply-payment');
      const request = spans.find(({ spanId }) => spanId === job?.parentSpanId);
      // Whoever learns first that the order is paid: the notice, or the shopper who looks and makes us ask.
      expect(request?.name).toMatch(/^POST .*\/wechat\/pay\/notify$|^GET .*\/orders\/:id$/);
      expect(job).toMatchObject({ kind: consumer, traceId: request?.traceId });
      const statements = spans.filter(({ parentSpanId }) => parentSpanId === job!.spanId);
      expect(statements.map(({ name }) => name)).toContain('UPDATE');
    });

    it('shows the call to WeChat without what was said', () => {
      const calls = spans.filter(
        ({ kind, attributes }) => kind === client && !('db.system.name' in attributes),
      );
      expect(calls.length).toBeGreaterThan(0);
      const text = JSON.stringify(spans);
      expect(text).not.toContain(ground.env['WECHAT_APP_SECRET']);
      expect(text).not.toMatch(/js_code|access_token=|"openid/);
    });

    it('has no span for a probe', () => {
      expect(spans.filter(({ name }) => /livez|readyz|startupz/.test(name))).toEqual([]);
    });
  });

  it('costs no request anything while the collector is dead, and does not hold up the end', async () => {
    const sink = await startOtlpSink({ silent: true });
    const shop = await startSibling(ground, { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url });
    // 3000 spans: more than the exporter may keep.
    for (let turn = 0; turn < 30; turn++) {
      const answers = await Promise.all(Array.from({ length: 100 }, () => call('GET', `${shop.url}/ping`)));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
    }
    shop.kill('SIGTERM');
    expect(await shop.exited).toBe(0);
    await sink.close();
  });
});
