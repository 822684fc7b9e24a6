import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { PaymentCaptured } from '../../../src/modules/payment/payment.events.ts';
import { Transactor } from '../../../src/platform/database/transactor.ts';
import { EventPublisher } from '../../../src/platform/events/event-publisher.ts';
import { ManagementServer } from '../../../src/platform/http/management.server.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods, stockOf } from '../../support/goods.ts';
import { Shopper, type OrderBody } from '../../support/shopper.ts';
import { startSibling } from '../../support/sibling.ts';
import { until } from '../../support/until.ts';

const captured = (reference: string) => ({
  reference,
  transactionId: newId(),
  amountFen: 100,
  paidAt: new Date().toISOString(),
});

describe('events between modules', () => {
  let shop: TestApp;
  let transactor: Transactor;
  let events: EventPublisher;
  /** An order that is paid already: one more event about it is taken note of and changes nothing. */
  let paid: OrderBody;
  beforeAll(async () => {
    shop = await startApp();
    transactor = shop.app.get(Transactor);
    events = shop.app.get(EventPublisher);
    paid = await sell((await stockGoods(shop.database)).skuId);
  });
  afterAll(() => shop.stop());

  async function sell(skuId: string): Promise<OrderBody> {
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId, 2);
    await shopper.pay(order.id, { outcome: 'paid' });
    await until('the stock is committed', async () => (await stockOf(shop.database, skuId)).reserved === 0);
    return order;
  }

  async function count(table: 'outbox' | 'inbox'): Promise<number> {
    const { rows } = await shop.database.query<{ count: number }>(
      `select count(*)::int as count from ${table}`,
    );
    return rows[0]!.count;
  }

  async function jobsRun(
    managementUrl = `http://127.0.0.1:${shop.app.get(ManagementServer).port}`,
  ): Promise<number> {
    const text = await (await fetch(`${managementUrl}/metrics`)).text();
    return Number(
      /^job_duration_seconds_count\{.*job="order\.apply-payment",outcome="done"\} (\d+)/m.exec(text)?.[1] ??
        0,
    );
  }

  it('refuses news that no transaction stands behind', async () => {
    await expect(events.publish(PaymentCaptured, captured(paid.number))).rejects.toThrow(
      'inside a transaction',
    );
    expect(await count('outbox')).toBe(0);
  });

  it('never delivers what was rolled back', async () => {
    const before = await jobsRun();
    const rolledBack = transactor.run(async () => {
      await events.publish(PaymentCaptured, captured(paid.number));
      throw new Error('changed my mind');
    });
    await expect(rolledBack).rejects.toThrow('changed my mind');
    // A later event overtakes nothing: once it is through, the earlier one would have been.
    await transactor.run(() => events.publish(PaymentCaptured, captured(paid.number)));
    await until(
      'the later one is delivered',
      async () => (await jobsRun()) > before && (await count('outbox')) === 0,
    );
    expect(await jobsRun()).toBe(before + 1);
  });

  it('refuses a payload that breaks the schema before anything is written', async () => {
    const broken = { ...captured(paid.number), amountFen: -1 };
    await expect(transactor.run(() => events.publish(PaymentCaptured, broken))).rejects.toThrow();
    expect(await count('outbox')).toBe(0);
  });

  it('takes effect once although the relay delivers twice and Bull has forgotten the first time', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 5 });
    const order = await sell(skuId);
    const { rows } = await shop.database.query<{ event_id: string }>(
      'select event_id from inbox order by processed_at desc limit 1',
    );
    await forgetJobs();
    const before = await jobsRun();
    await shop.database.query(`insert into outbox (id, name, payload) values ($1, 'payment.captured', $2)`, [
      rows[0]!.event_id,
      captured(order.number),
    ]);
    await until('it is delivered again', async () => (await jobsRun()) === before + 1);
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 3, reserved: 0 });
  });

  async function forgetJobs(): Promise<void> {
    const redis = new Redis(shop.env['REDIS_URL']!);
    const keys = await redis.keys(`{${shop.env['REDIS_KEY_PREFIX']}}:bull:order:*payment*`);
    if (keys.length > 0) await redis.del(keys);
    redis.disconnect();
  }

  it('loses and doubles no event while two processes relay them', async () => {
    const sibling = await startSibling(shop);
    try {
      const inbox = await count('inbox');
      const before = await jobsRun();
      const ran = async (): Promise<number> =>
        (await jobsRun()) - before + (await jobsRun(sibling.managementUrl));
      const published = await publishUntilBothRan(sibling.managementUrl);
      await until(
        'all are delivered',
        async () => (await count('outbox')) === 0 && (await ran()) >= published,
        15_000,
      );
      expect(await ran()).toBe(published);
      expect((await count('inbox')) - inbox).toBe(published);
    } finally {
      await sibling.stop();
    }
  }, 60_000);

  /** At least 200 events, and as many more as it takes until each process has won some; how many. */
  async function publishUntilBothRan(siblingUrl: string): Promise<number> {
    const publish = (): Promise<void> =>
      transactor.run(() => events.publish(PaymentCaptured, captured(paid.number)));
    const own = await jobsRun();
    let published = 0;
    await until(
      'both processes have run some',
      async () => {
        await Promise.all(Array.from({ length: 20 }, publish));
        published += 20;
        return published >= 200 && (await jobsRun(siblingUrl)) > 0 && (await jobsRun()) > own;
      },
      30_000,
    );
    return published;
  }
});
