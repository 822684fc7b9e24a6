import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Job } from 'bull';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { ApplyPayment } from '../../../src/modules/order/settlement/order.jobs.ts';
import { PaymentCaptured } from '../../../src/modules/payment/payment.events.ts';
import { Transactor } from '../../../src/platform/database/transactor.ts';
import { EventPublisher } from '../../../src/platform/events/event-publisher.ts';
import { OutboxRepository } from '../../../src/platform/events/outbox.repository.ts';
import { ManagementServer } from '../../../src/platform/http/management.server.ts';
import { JobQueues, type JobEnvelope } from '../../../src/platform/queue/job-queues.ts';
import { JobRunner } from '../../../src/platform/queue/job-runner.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods, stockOf } from '../../support/goods.ts';
import { Shopper, type OrderBody } from '../../support/shopper.ts';
import { startSibling } from '../../support/sibling.ts';
import { orderRow } from '../../support/trades.ts';
import { until } from '../../support/until.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');

const captured = (reference: string) => ({
  reference,
  transactionId: newId(),
  amountFen: 100,
  paidAt: new Date().toISOString(),
});

async function sell(shop: TestApp, skuId: string): Promise<OrderBody> {
  const shopper = await Shopper.login(shop);
  const order = await shopper.order(skuId, 2);
  await shopper.pay(order.id, { outcome: 'paid' });
  await until('the stock is committed', async () => (await stockOf(shop.database, skuId)).reserved === 0);
  return order;
}

async function countOf(shop: TestApp, table: 'outbox' | 'inbox'): Promise<number> {
  const { rows } = await shop.database.query<{ count: number }>(
    `select count(*)::int as count from ${table} ${table === 'outbox' ? 'where due_at <= now()' : ''}`,
  );
  return rows[0]!.count;
}

async function jobsRunAt(managementUrl: string, outcome: string): Promise<number> {
  const text = await (await fetch(`${managementUrl}/metrics`)).text();
  const sample = `^job_duration_seconds_count\\{.*job="order\\.apply-payment",outcome="${outcome}"\\} (\\d+)`;
  return Number(new RegExp(sample, 'm').exec(text)?.[1] ?? 0);
}

const managementOf = (shop: TestApp): string => `http://127.0.0.1:${shop.app.get(ManagementServer).port}`;

describe('events between modules', () => {
  let shop: TestApp;
  let transactor: Transactor;
  let events: EventPublisher;
  /** An order that is paid already: one more event about it is taken note of and changes nothing. */
  let paid: OrderBody;
  beforeAll(async () => {
    shop = await startApp({ QUEUE_RELAY_LEASE: '1s' });
    transactor = shop.app.get(Transactor);
    events = shop.app.get(EventPublisher);
    paid = await sell(shop, (await stockGoods(shop.database)).skuId);
  });
  afterAll(() => shop.stop());

  const count = (table: 'outbox' | 'inbox'): Promise<number> => countOf(shop, table);
  const jobsRun = (outcome = 'done'): Promise<number> => jobsRunAt(managementOf(shop), outcome);

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
    const order = await sell(shop, skuId);
    const { rows } = await shop.database.query<{ event_id: string }>(
      'select event_id from inbox order by processed_at desc limit 1',
    );
    await forgetJobs();
    const before = await jobsRun();
    await shop.database.query(
      `insert into outbox (id, job, name, payload) values ($1, 'order.apply-payment', 'payment.captured', $2)`,
      [rows[0]!.event_id, captured(order.number)],
    );
    await until('it is delivered again', async () => (await jobsRun()) === before + 1);
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 3, reserved: 0 });
  });

  /** What a flush leaves of the job, and of its place in the queue: nothing. */
  async function forgetJobs(): Promise<void> {
    const keys = await jobKeys();
    if (keys.length > 0) await onRedis(redis => redis.del([...keys, `${ordersInRedis()}wait`]));
  }

  const ordersInRedis = (): string => `{${shop.env['REDIS_KEY_PREFIX']}}:bull:order:`;
  const jobKeys = (): Promise<string[]> => onRedis(redis => redis.keys(`${ordersInRedis()}*payment*`));

  async function onRedis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(shop.env['REDIS_URL']!);
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  it('brings an event again when Redis forgets the job that carried it', async () => {
    const queues = shop.app.get(JobQueues);
    const { skuId } = await stockGoods(shop.database, { onHand: 5 });
    await Promise.all(queues.all().map(queue => queue.pause(true, true)));
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    await shopper.pay(order.id, { outcome: 'paid' });
    await until('the job is in Redis', async () => (await jobKeys()).length > 0);
    await forgetJobs();
    await Promise.all(queues.all().map(queue => queue.resume(true)));
    await until('the order is paid', async () => (await orderRow(shop, order.id)).status === 'paid');
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 4, reserved: 0 });
  });

  it('hands out events of one key one by one, in order, and others past them', async () => {
    const outbox = shop.app.get(OutboxRepository);
    const job = `test.${newId()}`;
    const write = async (orderKey: string | null): Promise<string> => {
      const id = newId();
      await outbox.insert({ id, name: job, payload: {}, traceparent: null, orderKey }, [
        { job, dueAt: null },
      ]);
      return id;
    };
    const take = async (): Promise<string[]> =>
      (await outbox.lease(100, 60_000)).filter(delivery => delivery.job === job).map(({ id }) => id);
    await transactor
      .run(async () => {
        const [first, second, other, free] = [
          await write('a'),
          await write('a'),
          await write('b'),
          await write(null),
        ];
        expect(await take()).toEqual([first, other, free]);
        expect(await take()).toEqual([]);
        await outbox.remove({ eventId: first, job });
        expect(await take()).toEqual([second]);
        throw new Error('seen enough');
      })
      .catch((error: Error) => expect(error.message).toBe('seen enough'));
  });

  it('puts a job aside that failed as often as it may, and brings it again when an operator says so', async () => {
    const stranger = `unknown-${newId()}`;
    const eventId = newId();
    const data = { payload: captured(stranger), eventId };
    await shop.database.query(
      `insert into outbox (id, job, name, payload, leased_until)
       values ($1, 'order.apply-payment', 'payment.captured', $2, now() + interval '1 hour')`,
      [eventId, data.payload],
    );
    const fail = (attemptsMade: number): Promise<void> =>
      shop.app
        .get(JobRunner)
        .run(ApplyPayment, { data, attemptsMade, opts: { attempts: 10 } } as Job<JobEnvelope>, () =>
          Promise.reject(new Error('no such order')),
        );
    await expect(fail(8)).rejects.toThrow('no such order');
    expect(await deadLetter(eventId)).toBeUndefined();
    await expect(fail(9)).rejects.toThrow('no such order');
    expect(await deadLetter(eventId)).toMatchObject({
      attempts: 10,
      error: expect.stringMatching('no such order'),
    });
    expect((await shop.database.query('select 1 from outbox where id = $1', [eventId])).rowCount).toBe(0);

    const before = await jobsRun('failed');
    expect(await deadLetters('list')).toContain(eventId);
    expect(await deadLetters('redrive', '--event', newId())).toBe('0 redriven\n');
    expect(await deadLetters('redrive', '--job', 'order.apply-payment', '--event', eventId)).toBe(
      '1 redriven\n',
    );
    expect(await deadLetter(eventId)).toBeUndefined();
    await until('it is tried again', async () => (await jobsRun('failed')) > before);
    await shop.database.query('delete from outbox where id = $1', [eventId]);
  });

  it('forgets what was taken long ago', async () => {
    await shop.database.query(
      `insert into inbox (consumer, event_id, processed_at) values ('old', gen_random_uuid(), now() - interval '8 days'),
                                                                  ('young', gen_random_uuid(), now() - interval '6 days')`,
    );
    const left = async (): Promise<string[]> => {
      const sql = `select consumer from inbox where consumer in ('old', 'young')`;
      return (await shop.database.query<{ consumer: string }>(sql)).rows.map(({ consumer }) => consumer);
    };
    await until('the old one is gone', async () => !(await left()).includes('old'));
    expect(await left()).toEqual(['young']);
  });

  it('refuses an operator who is not understood, and says how', async () => {
    await expect(deadLetters('bury')).rejects.toThrow('usage: dead-letters');
    await expect(deadLetters('redrive', '--all')).rejects.toThrow(`Unknown option '--all'`);
  });

  async function deadLetter(eventId: string): Promise<object | undefined> {
    const { rows } = await shop.database.query<object>('select * from dead_letters where id = $1', [eventId]);
    return rows[0];
  }

  async function deadLetters(...args: readonly string[]): Promise<string> {
    const script = join(root, 'dist/platform/events/dead-letters.js');
    const env = { ...process.env, ...shop.env };
    return (await run(process.execPath, [script, ...args], { env })).stdout;
  }
});

/** With the lease of production: a delivery that comes again because it was slow is not what these are about. */
describe('relays side by side', () => {
  let shop: TestApp;
  let own: string;
  let paid: OrderBody;
  beforeAll(async () => {
    shop = await startApp();
    own = managementOf(shop);
    paid = await sell(shop, (await stockGoods(shop.database)).skuId);
  });
  afterAll(() => shop.stop());

  const doneAt = (managementUrl: string): Promise<number> => jobsRunAt(managementUrl, 'done');

  it('loses and doubles no event while two processes relay them', async () => {
    const sibling = await startSibling(shop);
    try {
      const inbox = await countOf(shop, 'inbox');
      const before = await doneAt(own);
      const ran = async (): Promise<number> =>
        (await doneAt(own)) - before + (await doneAt(sibling.managementUrl));
      const published = await publishUntilBothRan(sibling.managementUrl);
      await until(
        'all are delivered',
        async () => (await countOf(shop, 'outbox')) === 0 && (await ran()) >= published,
        15_000,
      );
      expect(await ran()).toBe(published);
      expect((await countOf(shop, 'inbox')) - inbox).toBe(published);
    } finally {
      await sibling.stop();
    }
  }, 60_000);

  /** At least 200 events, and as many more as it takes until each process has won some; how many. */
  async function publishUntilBothRan(siblingUrl: string): Promise<number> {
    const publish = (): Promise<void> =>
      shop.app
        .get(Transactor)
        .run(() => shop.app.get(EventPublisher).publish(PaymentCaptured, captured(paid.number)));
    const mine = await doneAt(own);
    let published = 0;
    await until(
      'both processes have run some',
      async () => {
        await Promise.all(Array.from({ length: 20 }, publish));
        published += 20;
        return published >= 200 && (await doneAt(siblingUrl)) > 0 && (await doneAt(own)) > mine;
      },
      30_000,
    );
    return published;
  }
});
