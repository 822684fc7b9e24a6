import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PayClient } from '../../src/platform/wechat/pay/pay-client.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { stockGoods } from '../support/goods.ts';
import { Shopper, type OrderBody } from '../support/shopper.ts';
import { movementsOf, orderRow, tradeOf } from '../support/trades.ts';
import { startGate, type GateAnswer, type Gateway } from '../support/wechat-gate.ts';
import { startWechat, type Wechat } from '../support/wechat.ts';

describe('a genuine answer about another order', () => {
  let wechat: Wechat;
  let gate: Gateway;
  let shop: TestApp;
  let shopper: Shopper;
  let skuId: string;
  /** The last answer about each order, by the path of its query. */
  const recorded = new Map<string, GateAnswer>();
  /** Whose answer is given instead, by order number. */
  const replayed = new Map<string, string>();

  beforeAll(async () => {
    wechat = await startWechat();
    gate = await startGate(wechat.env['WECHAT_PAY_BASE_URL']!, {
      replace: (path, answer) => {
        const number = /\/out-trade-no\/([^/?]+)\?/.exec(path)?.[1];
        if (number === undefined) return answer;
        recorded.set(number, answer);
        return recorded.get(replayed.get(number) ?? number)!;
      },
    });
    shop = await startApp({ ...wechat.env, WECHAT_PAY_BASE_URL: gate.url });
    shopper = await Shopper.login(shop);
    ({ skuId } = await stockGoods(shop.database, { onHand: 100 }));
  });
  afterAll(async () => {
    await shop.stop();
    await gate.stop();
    await wechat.stop();
  });

  /** Reading an order asks WeChat about its payment. */
  async function look({ id }: OrderBody): Promise<unknown> {
    return (await shopper.get(`/orders/${id}`)).body['status'];
  }

  async function startedOrder(): Promise<OrderBody> {
    const order = await shopper.order(skuId);
    await shopper.post(`/orders/${order.id}/payment`);
    return order;
  }

  async function paymentOf({ number }: OrderBody): Promise<string> {
    const sql = 'select status from payments where reference = $1';
    return (await shop.database.query<{ status: string }>(sql, [number])).rows[0]!.status;
  }

  it('pays nothing, though the price and the payer are the same', async () => {
    const [open, paid] = [await startedOrder(), await shopper.order(skuId)];
    await shopper.pay(paid.id, { outcome: 'lost-callback' });
    await look(paid);
    expect(await paymentOf(paid)).toBe('captured');
    replayed.set(open.number, paid.number);
    expect(await look(open)).toBe('awaiting_payment');
    expect(await paymentOf(open)).toBe('created');
    expect(await movementsOf(shop, open.id)).toEqual({ reserve: 1 });
  });

  it('closes nothing that can still be paid', async () => {
    const [open, closed] = [await startedOrder(), await startedOrder()];
    // At WeChat alone: the shop learns of it by asking.
    await shop.app.get(PayClient, { strict: false }).close(closed.number);
    await look(closed);
    expect(await paymentOf(closed)).toBe('closed');
    replayed.set(open.number, closed.number);
    await look(open);
    expect(await paymentOf(open)).toBe('created');
    expect((await tradeOf(shop, open.number))?.trade_state).toBe('NOTPAY');
    expect((await orderRow(shop, open.id)).status).toBe('awaiting_payment');
  });
});
