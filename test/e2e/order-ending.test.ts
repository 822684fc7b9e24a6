import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { replayLedger, stockGoods, stockOf } from '../support/goods.ts';
import { call, type Answer } from '../support/http.ts';
import { Shopper } from '../support/shopper.ts';
import { advance, movementsOf, orderRow, tradeOf } from '../support/trades.ts';
import { until } from '../support/until.ts';
import { startGate, type Gateway } from '../support/wechat-gate.ts';
import { startWechat, type Wechat } from '../support/wechat.ts';

type Step = () => Promise<Answer>;

interface Refusal {
  readonly code: string;
  readonly state?: string;
  readonly status: string;
}

describe('ending an order', () => {
  let wechat: Wechat;
  let gate: Gateway;
  let shop: TestApp;
  /** What a test does before WeChat is asked to close, and before the shop learns that it has. */
  let beforeClose: (() => Promise<unknown>) | undefined;
  let afterClose: (() => Promise<unknown>) | undefined;

  beforeAll(async () => {
    wechat = await startWechat();
    gate = await startGate(wechat.env['WECHAT_PAY_BASE_URL']!, {
      before: path => (path.endsWith('/close') ? beforeClose?.() : undefined),
      after: path => (path.endsWith('/close') ? afterClose?.() : undefined),
    });
    shop = await startApp({ ...wechat.env, WECHAT_PAY_BASE_URL: gate.url });
  });
  afterEach(() => {
    beforeClose = afterClose = undefined;
  });
  afterAll(async () => {
    await shop.stop();
    await gate.stop();
    await wechat.stop();
  });

  it('returns the stock once under ten cancels at once', async () => {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId, 4);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => shopper.post(`/orders/${order.id}/cancel`)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1, release: 1 });
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 10, reserved: 0 });
  });

  it('closes the trade at WeChat before the stock returns, so that nobody pays for a cancelled order', async () => {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    const params = await shopper.post(`/orders/${order.id}/payment`);
    const cancelled = await shopper.post<Refusal>(`/orders/${order.id}/cancel`);
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect((await tradeOf(shop, order.number))?.trade_state).toBe('CLOSED');
    const phone = await call('POST', `${shop.sandboxUrl}/__sandbox/payments`, { body: params.body });
    expect(phone.status).toBe(400);
    const late = await shopper.post<Refusal>(`/orders/${order.id}/payment`);
    expect([late.status, late.body.code]).toEqual([409, 'order.not_payable']);
  });

  it('never both takes the money and returns the stock when paying and cancelling race', async () => {
    const flaws = await Promise.all(
      Array.from({ length: 24 }, (_, round) =>
        race(round, round % 2 ? 'paid' : 'lost-callback', (cancel, pay) =>
          Promise.all([cancel(), afterPings(round, pay)]),
        ),
      ),
    );
    expect(flaws.flat()).toEqual([]);
  }, 60_000);

  it.each(['paid', 'lost-callback'])(
    'takes the money when it comes just before the trade is closed (%s)',
    async outcome => {
      const flaws = await race(
        0,
        outcome,
        (cancel, pay) => {
          let paying: Promise<Answer> | undefined;
          beforeClose = () => (paying ??= pay());
          return cancel().then(async answer => [answer, await paying!]);
        },
        'paid',
      );
      expect(flaws).toEqual([]);
    },
  );

  it('returns the stock when the phone is late by as little as the answer to the close', async () => {
    const flaws = await race(
      0,
      'paid',
      (cancel, pay) => {
        let paying: Promise<Answer> | undefined;
        afterClose = () => (paying ??= pay());
        return cancel().then(async answer => [answer, await paying!]);
      },
      'cancelled',
    );
    expect(flaws).toEqual([]);
  });

  /** One order paid on the phone and cancelled in the shop: what is then not as `ending`, or how it ended, wants it. */
  async function race(
    round: number,
    outcome: string,
    run: (cancel: Step, pay: Step) => Promise<readonly Answer[]>,
    ending?: 'paid' | 'cancelled',
  ): Promise<string[]> {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId, 3);
    const params = await shopper.post(`/orders/${order.id}/payment`);
    const body = { ...params.body, outcome };
    const [cancel, phone] = await run(
      () => shopper.post(`/orders/${order.id}/cancel`),
      () => call('POST', `${shop.sandboxUrl}/__sandbox/payments`, { body }),
    );
    const ended = await until(`order ${round} ends`, async () => {
      const { status } = await orderRow(shop, order.id);
      return status !== 'awaiting_payment' && status;
    });
    const facts = {
      trade: (await tradeOf(shop, order.number))?.trade_state,
      phone: phone!.status,
      cancel: cancel!.status,
      stock: await stockOf(shop.database, skuId),
      ledger: await replayLedger(shop.database, skuId),
      moves: await movementsOf(shop, order.id),
    };
    return flawsOf(round, facts, expectedOf(ending ?? ended));
  }

  /** Moves a step of a race by some round trips: no clock, and different on every machine. */
  async function afterPings<T>(count: number, step: () => Promise<T>): Promise<T> {
    for (let ping = 0; ping < count; ping++) await call('GET', `${shop.url}/ping`);
    return step();
  }

  it('cannot be cancelled or paid again once it is paid', async () => {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    await shopper.pay(order.id, { waitForNotify: true });
    const cancel = await shopper.post<Refusal>(`/orders/${order.id}/cancel`);
    expect(cancel).toMatchObject({ status: 409, body: { code: 'order.not_cancellable', state: 'paid' } });
    const again = await shopper.post<Refusal>(`/orders/${order.id}/payment`);
    expect(again).toMatchObject({ status: 409, body: { code: 'order.not_payable', state: 'paid' } });
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 9, reserved: 0 });
  });

  it('is received only after it was shipped, and once', async () => {
    const { skuId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    const receive = () => shopper.post<Refusal & { receivedAt: string }>(`/orders/${order.id}/receive`);
    expect(await receive()).toMatchObject({
      status: 409,
      body: { code: 'order.not_receivable', state: 'awaiting_payment' },
    });
    await shopper.pay(order.id, { waitForNotify: true });
    await until('it is paid', async () => (await orderRow(shop, order.id)).status === 'paid');
    expect(await receive()).toMatchObject({
      status: 409,
      body: { code: 'order.not_receivable', state: 'paid' },
    });
    await advance(shop, order.id, 'shipped');
    const [first, second] = [await receive(), await receive()];
    expect(first).toMatchObject({ status: 200, body: { status: 'received' } });
    expect([second.status, second.body.receivedAt]).toEqual([200, first.body.receivedAt]);
    const cancel = await shopper.post<Refusal>(`/orders/${order.id}/cancel`);
    expect(cancel.body).toMatchObject({ code: 'order.not_cancellable', state: 'received' });
  });
});

function expectedOf(ending: string) {
  const sold = { onHand: 7, reserved: 0 };
  const back = { onHand: 10, reserved: 0 };
  return ending === 'paid'
    ? {
        trade: 'SUCCESS',
        phone: 200,
        cancel: 409,
        stock: sold,
        ledger: sold,
        moves: { reserve: 1, commit: 1 },
      }
    : {
        trade: 'CLOSED',
        phone: 400,
        cancel: 200,
        stock: back,
        ledger: back,
        moves: { reserve: 1, release: 1 },
      };
}

function flawsOf(round: number, facts: Record<string, unknown>, expected: Record<string, unknown>): string[] {
  return Object.entries(expected)
    .filter(([name, value]) => !isDeepStrictEqual(facts[name], value))
    .map(([name, value]) => `${round} ${name}: ${JSON.stringify(facts[name])}, not ${JSON.stringify(value)}`);
}
