import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/kernel/id.ts';
import { createSurroundings, type Surroundings } from '../support/app.ts';
import { KeepAliveClient, type Outcome } from '../support/keep-alive-client.ts';
import { stockGoods } from '../support/goods.ts';
import { lockUser, waitingForLocks } from '../support/row-lock.ts';
import { Shopper } from '../support/shopper.ts';
import { startSibling, startWorker, type Sibling } from '../support/sibling.ts';
import { load, slowEnv } from '../support/steady-load.ts';
import { until } from '../support/until.ts';

const failed = (outcomes: readonly Outcome[]): Outcome[] => outcomes.filter(({ status }) => status !== 200);

describe('a process that is told to go', () => {
  let ground: Surroundings;
  let sibling: Sibling | undefined;
  const clients: KeepAliveClient[] = [];

  beforeAll(async () => {
    ground = await createSurroundings();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    sibling?.kill('SIGKILL');
    await sibling?.exited;
  });
  afterAll(() => ground.drop());

  async function start(env: Record<string, string>): Promise<Sibling> {
    sibling = await startSibling(ground, env);
    return sibling;
  }

  function connect(to: Sibling): KeepAliveClient {
    const client = new KeepAliveClient(to.url);
    clients.push(client);
    return client;
  }

  const loginAt = (to: Sibling): Promise<Shopper> =>
    Shopper.login({ url: to.url, sandboxUrl: ground.sandboxUrl });
  const rename = (client: KeepAliveClient, { token }: Shopper): Promise<Outcome> =>
    client.send('/api/v1/me', { method: 'PATCH', token, body: { nickname: '小鱼' } });

  it('tells the balancer long before it stops serving', async () => {
    const shop = await start({ HTTP_DRAIN_DELAY: '1h' });
    shop.kill('SIGTERM');
    const probe = connect(shop);
    // The delay outlasts every deadline of this test: what answers 503 here still serves all the rest.
    await until('readyz says 503', async () => (await probe.send('/readyz')).status === 503);
    const late = await connect(shop).send('/api/v1/products?limit=5');
    expect(late).toMatchObject({ status: 200, headers: { connection: 'close' } });
    expect(JSON.parse((await probe.send('/readyz')).text)).toMatchObject({ status: 'shutting_down' });
    expect(shop.hasExited()).toBe(false);
  });

  it('drops no accepted request under load', async () => {
    const shop = await start({ ...slowEnv, HTTP_DRAIN_DELAY: '5s' });
    const shopper = await loginAt(shop);
    const lock = await lockUser(ground.database, shopper.userId);
    const slow = rename(connect(shop), shopper);
    await until('the slow request is inside', async () => (await waitingForLocks(ground.database)) > 0);
    const outcomes: Outcome[] = [];
    let left = false;
    const running = Array.from({ length: 20 }, () => load(connect(shop), () => left, outcomes));
    await until('there is load', () => outcomes.length > 200);

    shop.kill('SIGTERM');
    const probe = connect(shop);
    await until('readyz says 503', async () => (await probe.send('/readyz')).status === 503);
    left = true;
    await Promise.all(running);
    await lock.release();

    expect(await slow).toMatchObject({ status: 200 });
    expect(failed(outcomes)).toEqual([]);
    expect(await shop.exited).toBe(0);
  });

  it('is not held up by connections that stay open and idle', async () => {
    const shop = await start({ HTTP_DRAIN_DELAY: '0', HTTP_SHUTDOWN_TIMEOUT: '20s' });
    const idle = Array.from({ length: 10 }, () => connect(shop));
    for (const client of idle) expect((await client.send('/ping')).status).toBe(200);
    expect(idle.every(client => client.isConnected)).toBe(true);
    shop.kill('SIGTERM');
    // 1 at the hard deadline, long before the connections time out by themselves (75 s).
    expect(await shop.exited).toBe(0);
    await until('every connection is closed', () => idle.every(client => !client.isConnected));
  });

  it('finishes what is in flight even without a drain delay', async () => {
    const shop = await start({ ...slowEnv, HTTP_DRAIN_DELAY: '0' });
    const shopper = await loginAt(shop);
    const lock = await lockUser(ground.database, shopper.userId);
    const inFlight = Array.from({ length: 5 }, () => rename(connect(shop), shopper));
    await until('five requests wait', async () => (await waitingForLocks(ground.database)) === 5);
    const outcomes: Outcome[] = [];
    let left = false;
    const running = Array.from({ length: 20 }, () => load(connect(shop), () => left, outcomes));
    await until('there is load', () => outcomes.length > 200);

    const signalledAt = performance.now();
    shop.kill('SIGTERM');
    await until('the door is shut', async () => (await connect(shop).send('/ping')).status === 0);
    const metrics = await (await fetch(`${shop.managementUrl}/metrics`)).text();
    expect(metrics).toContain('http_server_request_duration_seconds_count');
    left = true;
    await Promise.all(running);
    await lock.release();

    expect((await Promise.all(inFlight)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(failed(outcomes.filter(({ sentAt }) => sentAt < signalledAt))).toEqual([]);
    // Whoever comes later finds the door shut; whoever still gets in is served.
    expect(outcomes.filter(({ status }) => status !== 200 && status !== 0)).toEqual([]);
    expect(await shop.exited).toBe(0);
  });

  it('takes a second SIGTERM and a Ctrl-C in its stride', async () => {
    const shop = await start({ ...slowEnv, HTTP_DRAIN_DELAY: '300ms' });
    const shopper = await loginAt(shop);
    const lock = await lockUser(ground.database, shopper.userId);
    const slow = rename(connect(shop), shopper);
    await until('the slow request is inside', async () => (await waitingForLocks(ground.database)) > 0);
    shop.kill('SIGTERM');
    shop.kill('SIGTERM');
    await until('it drains', async () => [0, 503].includes((await connect(shop).send('/readyz')).status));
    shop.kill('SIGINT');
    shop.kill('SIGTERM');
    await lock.release();
    expect(await slow).toMatchObject({ status: 200 });
    expect(await shop.exited).toBe(0);
  });

  it('ends with 1 at the hard deadline when something never finishes', async () => {
    const shop = await start({ ...slowEnv, HTTP_DRAIN_DELAY: '100ms', HTTP_SHUTDOWN_TIMEOUT: '700ms' });
    const shopper = await loginAt(shop);
    const lock = await lockUser(ground.database, shopper.userId);
    const stuck = rename(connect(shop), shopper);
    await until('the stuck request is inside', async () => (await waitingForLocks(ground.database)) > 0);
    const signalledAt = performance.now();
    shop.kill('SIGTERM');
    expect(await shop.exited).toBe(1);
    expect(performance.now() - signalledAt).toBeGreaterThan(750);
    expect(shop.output()).toContain('shutdown did not finish in time');
    expect((await stuck).status).toBe(0);
    await lock.release();
  });

  it('leaves no connection behind in PostgreSQL', async () => {
    const shop = await start({});
    await loginAt(shop);
    await shop.stop();
    const count = async (): Promise<number> => {
      const sql = `select count(*)::int as count from pg_stat_activity
        where datname = current_database() and application_name like 'minnow%'`;
      return (await ground.database.query<{ count: number }>(sql)).rows[0]!.count;
    };
    await until('no connection is left', async () => (await count()) === 0);
  });
});

describe('the worker entry', () => {
  let ground: Surroundings;
  const started: Sibling[] = [];
  beforeAll(async () => {
    ground = await createSurroundings();
  });
  afterEach(async () => {
    for (const process of started.splice(0)) {
      process.kill('SIGKILL');
      await process.exited;
    }
  });
  afterAll(() => ground.drop());

  it('gets the jobs that an API without consumers leaves alone, and goes with exit code 0', async () => {
    const api = await startSibling(ground, { QUEUE_CONSUME: 'false' });
    started.push(api);
    const eventId = newId();
    await publishPayment(eventId);
    // The API would relay it and run the job within 100 ms, long before the worker is up.
    const worker = await startWorker(ground);
    started.push(worker);
    await until('the worker relays the event', () => isRelayed(eventId));
    await until('the worker runs its job', () => jobsRunBy(worker));
    expect(await jobsRunBy(api)).toBe(false);
    worker.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
  });

  it('is woken by the API in another process, and need not look every moment', async () => {
    const api = await startSibling(ground, { QUEUE_CONSUME: 'false' });
    started.push(api);
    const worker = await startWorker(ground, { QUEUE_RELAY_INTERVAL: '10m' });
    started.push(worker);
    const { skuId } = await stockGoods(ground.database);
    const shopper = await Shopper.login({ url: api.url, sandboxUrl: ground.sandboxUrl });
    const { id } = await shopper.order(skuId);
    const sql = `select 1 from outbox where payload->>'orderId' = $1 and attempts > 0`;
    await until('the worker relays', async () => (await ground.database.query(sql, [id])).rowCount === 1);
  });

  async function publishPayment(id: string): Promise<void> {
    const payload = { reference: 'no-such-order', transactionId: 't', amountFen: 1, paidAt: new Date() };
    const sql = `insert into outbox (id, job, name, payload) values ($1, 'order.apply-payment', 'payment.captured', $2)`;
    await ground.database.query(sql, [id, JSON.stringify(payload)]);
  }

  async function isRelayed(id: string): Promise<boolean> {
    const sql = 'select 1 from outbox where id = $1 and attempts > 0';
    return (await ground.database.query(sql, [id])).rowCount === 1;
  }

  async function jobsRunBy(process: Sibling): Promise<boolean> {
    const text = await (await fetch(`${process.managementUrl}/metrics`)).text();
    return /^job_duration_seconds_count\{.*job="order.apply-payment".*\} [1-9]/m.test(text);
  }
});
