import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSurroundings, type Surroundings } from '../support/app.ts';
import { stockGoods } from '../support/goods.ts';
import { call } from '../support/http.ts';
import { startOtlpSink, type OtlpSink } from '../support/otlp-sink.ts';
import { loginCode, Shopper } from '../support/shopper.ts';
import { startSibling } from '../support/sibling.ts';

/** A promotion multiplies whatever a write costs: who adds a statement here should know it. */
describe('what a shopper writes costs no more messages and statements than it has to', () => {
  let ground: Surroundings;
  let sink: OtlpSink;
  const traces = new Map<string, string>();
  beforeAll(async () => {
    ground = await createSurroundings();
    sink = await startOtlpSink();
    const shop = await startSibling(ground, {
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      // So that no write has to ask for its session.
      AUTH_SESSION_CACHE_TTL: '1m',
    });
    await write({ url: shop.url, sandboxUrl: ground.sandboxUrl });
    // The last spans are sent on the way out.
    await shop.stop();
  });
  afterAll(async () => {
    await sink.close();
    await ground.drop();
  });

  async function write(target: { url: string; sandboxUrl: string }): Promise<void> {
    const { code } = await loginCode(target);
    const login = { body: { code }, headers: traced('a login') };
    expect((await call('POST', `${target.url}/api/v1/auth/wechat`, login)).status).toBe(200);
    const shopper = await Shopper.login(target);
    const addressId = await shopper.addAddress();
    const goods = [await stockGoods(ground.database), await stockGoods(ground.database)];
    const items = goods.map(({ skuId }) => ({ skuId, quantity: 1 }));
    const put = async (skuId: string, quantity: number, what: string): Promise<void> => {
      const options = { body: { quantity }, headers: traced(what) };
      expect((await shopper.send('PUT', `/cart/items/${skuId}`, options)).status).toBe(200);
    };
    const order = async (body: object, status: number, what: string, key: string): Promise<void> => {
      const answer = await shopper.post('/orders', { addressId, ...body }, { key, headers: traced(what) });
      expect(answer.status).toBe(status);
    };
    await put(items[0]!.skuId, 1, 'a new line of a cart');
    await put(items[1]!.skuId, 1, 'another new line');
    await put(items[0]!.skuId, 2, 'a changed line of a cart');
    await order({ items }, 201, 'an order of goods', 'first');
    await order({ items }, 201, 'an order sent again', 'first');
    await order({ fromCart: true }, 201, 'an order of a cart', 'second');
    await order({ items: [{ ...items[0]!, quantity: 99 }] }, 409, 'an order of what is sold out', 'third');
  }

  function traced(what: string): { traceparent: string } {
    const traceId = randomBytes(16).toString('hex');
    traces.set(what, traceId);
    return { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  }

  const messagesOf = (what: string): string[] =>
    sink
      .spans()
      .filter(({ traceId, attributes }) => traceId === traces.get(what) && 'db.system.name' in attributes)
      .map(({ attributes }) => String(attributes['db.query.text']));

  it.each([
    ['a login', 3, 5],
    ['a new line of a cart', 6, 7],
    ['another new line', 6, 7],
    ['a changed line of a cart', 4, 4],
    ['an order of goods', 4, 10],
    ['an order of a cart', 6, 12],
    ['an order sent again', 4, 7],
    ['an order of what is sold out', 2, 5],
  ])('%s: %i with %i', (what, mostMessages, mostStatements) => {
    const messages = messagesOf(what);
    const statements = messages.flatMap(message => message.split(';\n'));
    expect(messages.length).toBeGreaterThan(0);
    // So that a failure shows them.
    expect(messages.length > mostMessages ? messages : []).toEqual([]);
    expect(statements.length > mostStatements ? statements : []).toEqual([]);
  });
});
