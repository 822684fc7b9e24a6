import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AnnounceShipment } from '../../../src/modules/order/fulfilment/fulfilment.jobs.ts';
import { SendShippedMessage } from '../../../src/modules/order/message/send-shipped-message.ts';
import { OrderDesk } from '../../../src/modules/order/order.contract.ts';
import { OrderShipped } from '../../../src/modules/order/order.events.ts';
import { ManagementServer } from '../../../src/platform/http/management.server.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods } from '../../support/goods.ts';
import { call } from '../../support/http.ts';
import { deadLettersOf, openJobs, publishNow, waitingRetry } from '../../support/jobs.ts';
import { sandboxFaults, Shopper, type OrderBody } from '../../support/shopper.ts';
import { orderRow } from '../../support/trades.ts';
import { until } from '../../support/until.ts';
import { startGate, type Gateway } from '../../support/wechat-gate.ts';
import { startWechat, type Wechat } from '../../support/wechat.ts';

interface Message {
  readonly openid: string;
  readonly page?: string;
  readonly data: object;
}

const path = '/cgi-bin/message/subscribe/send';
const templateId = 'T-shipped';
const shipment = { carrier: 'YTO', trackingNumber: 'YT1234567890' };

describe('telling a shopper that an order was shipped', () => {
  let wechat: Wechat;
  let gate: Gateway;
  let shop: TestApp;
  /** How many of the next calls find WeChat's door broken. */
  let outages = 0;
  /** Keeps a message on its way to WeChat. */
  let hold: { readonly began: () => void; readonly until: Promise<void> } | undefined;
  const atTheDoor = async (): Promise<void> => {
    if (outages-- > 0) throw new Error('away');
    hold?.began();
    await hold?.until;
  };
  beforeAll(async () => {
    wechat = await startWechat();
    gate = await startGate(wechat.env['WECHAT_API_BASE_URL']!, {
      before: asked => (asked.startsWith(path) ? atTheDoor() : undefined),
    });
    shop = await startApp({
      ...wechat.env,
      WECHAT_API_BASE_URL: gate.url,
      ORDER_SHIPPED_TEMPLATE_ID: templateId,
      ORDER_SHIPPED_TEMPLATE_FIELDS:
        'character_string1=number,thing2=goods,character_string3=trackingNumber,time4=shippedAt',
      ORDER_MESSAGE_PAGE: 'pages/order/detail',
    });
  });
  afterAll(async () => {
    await shop.stop();
    await gate.stop();
    await wechat.stop();
  });
  afterEach(async () => {
    [outages, hold] = [0, undefined];
    await sandboxFaults(shop, {});
  });

  /** Somebody who has agreed on the phone so often, and whose phone has told the shop so often. */
  async function reader({ atWechat, told }: { atWechat: number; told: number }): Promise<Shopper> {
    const shopper = await Shopper.login(shop);
    const body = { openid: shopper.openid, templateId, count: atWechat };
    await call('POST', `${shop.sandboxUrl}/__sandbox/subscriptions`, { body });
    for (let n = 0; n < told; n++)
      await shopper.post('/me/subscriptions', { templateIds: [templateId] }, { key: true });
    return shopper;
  }

  async function paid(shopper: Shopper): Promise<OrderBody> {
    const { skuId } = await stockGoods(shop.database, { name: '小鱼干' });
    const order = await shopper.order(skuId, 2);
    await shopper.pay(order.id, { waitForNotify: true });
    await until('the order is paid', async () => (await orderRow(shop, order.id)).status === 'paid');
    return order;
  }

  async function shipped(shopper: Shopper): Promise<OrderBody> {
    const order = await paid(shopper);
    await shop.app.get(OrderDesk).ship(order.id, shipment);
    return order;
  }

  async function messagesTo({ openid }: Shopper): Promise<readonly Message[]> {
    const { body } = await call<{ items: Message[] }>('GET', `${shop.sandboxUrl}/__sandbox/messages`);
    return body.items.filter(message => message.openid === openid);
  }

  const done = ({ id }: OrderBody) =>
    until('nothing is left to do', async () => (await openJobs(shop, id)).length === 0);

  async function grantsOf({ userId }: Shopper): Promise<number | undefined> {
    const sql = 'select grants from message_grants where user_id = $1';
    return (await shop.database.query<{ grants: number }>(sql, [userId])).rows[0]?.grants;
  }

  async function stateOf({ id }: OrderBody): Promise<string | undefined> {
    const sql = 'select status from shipped_messages where order_id = $1';
    return (await shop.database.query<{ status: string }>(sql, [id])).rows[0]?.status;
  }

  async function counted(outcome: string): Promise<number> {
    const { port } = shop.app.get(ManagementServer);
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(
      new RegExp(`^order_messages_total\\{outcome="${outcome}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0,
    );
  }

  it('says so once, for one grant, however often it hears of it', async () => {
    const shopper = await reader({ atWechat: 3, told: 2 });
    const order = await shipped(shopper);
    await done(order);
    const message = {
      openid: shopper.openid,
      templateId,
      page: `pages/order/detail?id=${order.id}`,
      data: {
        character_string1: { value: order.number },
        thing2: { value: '小鱼干 × 2' },
        character_string3: { value: 'YT1234567890' },
        time4: { value: expect.stringMatching(/^\d{4}年\d\d月\d\d日 \d\d:\d\d$/) as unknown },
      },
    };
    expect(await messagesTo(shopper)).toEqual([message]);
    const news = { orderId: order.id, number: order.number, userId: shopper.userId, ...shipment };
    await Promise.all([1, 2, 3].map(() => publishNow(shop, OrderShipped, news)));
    await done(order);
    expect(await messagesTo(shopper)).toHaveLength(1);
    expect([await grantsOf(shopper), await stateOf(order)]).toEqual([1, 'sent']);
  });

  /** As `shipped`, but no job is told of it. */
  async function quietlyShipped(shopper: Shopper): Promise<OrderBody> {
    const order = await paid(shopper);
    await shop.database.query(
      `update orders set status = 'shipped', shipped_at = now(), carrier = 'YTO', tracking_number = '1'
       where id = $1`,
      [order.id],
    );
    return order;
  }

  it('is sent by one of many workers, for which the others wait', async () => {
    const shopper = await reader({ atWechat: 9, told: 9 });
    const { id } = await quietlyShipped(shopper);
    const sending = shop.app.get(SendShippedMessage);
    const [began, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    hold = { began: began.resolve, until: release.promise };
    const first = sending.execute(id);
    await began.promise;
    const others = await Promise.allSettled(Array.from({ length: 8 }, () => sending.execute(id)));
    release.resolve();
    await first;
    await sending.execute(id);
    expect(new Set(others.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect([(await messagesTo(shopper)).length, await grantsOf(shopper)]).toEqual([1, 8]);
  });

  it('is sent after all when the worker that had it has died', async () => {
    const shopper = await reader({ atWechat: 1, told: 1 });
    const order = await quietlyShipped(shopper);
    await shop.database.query(
      `insert into shipped_messages (order_id, user_id, template_id, claimed_until)
       values ($1, $2, $3, now() - interval '1 second')`,
      [order.id, shopper.userId, templateId],
    );
    await shop.app.get(SendShippedMessage).execute(order.id);
    expect([await stateOf(order), (await messagesTo(shopper)).length]).toEqual(['sent', 1]);
    expect(await grantsOf(shopper)).toBe(1);
  });

  it('sends nothing to who has not agreed, and one message where two orders share one grant', async () => {
    const [nobody, shopper] = [
      await reader({ atWechat: 1, told: 0 }),
      await reader({ atWechat: 2, told: 1 }),
    ];
    const orders = [await shipped(nobody), ...(await Promise.all([shipped(shopper), shipped(shopper)]))];
    await Promise.all(orders.map(done));
    expect([await messagesTo(nobody), await grantsOf(nobody), await stateOf(orders[0]!)]).toEqual([
      [],
      undefined,
      'not_allowed',
    ]);
    expect([(await messagesTo(shopper)).length, await grantsOf(shopper)]).toEqual([1, 0]);
    const states = await Promise.all(orders.slice(1).map(stateOf));
    expect(states.sort()).toEqual(['not_allowed', 'sent']);
  });

  it('believes WeChat that the shopper has taken the leave back, and asks no more', async () => {
    const before = await counted('not_allowed');
    const shopper = await reader({ atWechat: 0, told: 3 });
    const order = await shipped(shopper);
    await done(order);
    expect([await stateOf(order), await grantsOf(shopper)]).toEqual(['not_allowed', 0]);
    expect([await counted('not_allowed'), await deadLettersOf(shop, order.id)]).toEqual([before + 1, []]);
  });

  it('is tried again with the same grant while WeChat is away', async () => {
    const shopper = await reader({ atWechat: 2, told: 2 });
    outages = 2;
    const order = await shipped(shopper);
    await (await waitingRetry(shop, AnnounceShipment, order.id, 1)).promote();
    const again = await waitingRetry(shop, AnnounceShipment, order.id, 2);
    expect([await messagesTo(shopper), await grantsOf(shopper), await stateOf(order)]).toEqual([
      [],
      1,
      'due',
    ]);
    await again.promote();
    await done(order);
    expect([(await messagesTo(shopper)).length, await grantsOf(shopper)]).toEqual([1, 1]);
  });

  it('is given up when WeChat does not take it, and the grant is good for another', async () => {
    const before = await counted('refused');
    const shopper = await reader({ atWechat: 1, told: 1 });
    await sandboxFaults(shop, { api: { path, errcode: 47003 } });
    const order = await shipped(shopper);
    await done(order);
    expect([await stateOf(order), await grantsOf(shopper)]).toEqual(['refused', 1]);
    expect([await counted('refused'), await deadLettersOf(shop, order.id)]).toEqual([before + 1, []]);
    await sandboxFaults(shop, {});
    const next = await shipped(shopper);
    await done(next);
    expect([await stateOf(next), await grantsOf(shopper)]).toEqual(['sent', 0]);
  });
});
