import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../tools/embedded/ports.ts';
import { identityOf } from '../../tools/embedded/processes.ts';
import { createSurroundings, type Surroundings } from '../support/app.ts';
import { childrenOf } from '../support/children.ts';
import { KeepAliveClient, type Outcome } from '../support/keep-alive-client.ts';
import { lintMetrics } from '../support/metric-lint.ts';
import { lockUser, waitingForLocks } from '../support/row-lock.ts';
import { Shopper } from '../support/shopper.ts';
import { spawnSibling, startSibling, type Sibling } from '../support/sibling.ts';
import { load, slowEnv } from '../support/steady-load.ts';
import { until } from '../support/until.ts';

const root = resolve(import.meta.dirname, '../..');

const cheap = '/api/v1/products?limit=5';
const ofTwo = { WEB_CONCURRENCY: '2' };

/** The processes that a primary has started. */
const membersOf = ({ pid }: Pick<Sibling, 'pid'>): number[] => childrenOf(pid);

async function isUp(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/ping`).catch(() => undefined);
  return answer?.ok ?? false;
}

const isAlive = (pid: number): boolean => identityOf(pid) !== undefined;

async function scrape({ managementUrl }: Sibling): Promise<string> {
  const answer = await fetch(`${managementUrl}/metrics`, { signal: AbortSignal.timeout(5_000) });
  return answer.text();
}

/** The sum of all samples of `name` whose labels contain `labels`. */
function valueIn(metrics: string, name: string, labels = ''): number {
  const samples = metrics
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  const values = samples.filter(line => line.includes(labels)).map(line => Number(line.split(' ').at(-1)));
  return values.reduce((sum, value) => sum + value, 0);
}

const pings = (metrics: string): number =>
  valueIn(metrics, 'http_server_request_duration_seconds_count', 'http_route="/ping"');

describe.skipIf(process.platform !== 'linux')('several processes on one port', { timeout: 60_000 }, () => {
  let ground: Surroundings;
  let shop: Sibling | undefined;
  let started: number[] = [];
  const clients: KeepAliveClient[] = [];

  beforeAll(async () => {
    ground = await createSurroundings();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    shop?.kill('SIGKILL');
    await shop?.exited;
    await until('nobody is left', () => !started.some(isAlive));
    started = [];
  });
  afterAll(() => ground.drop());

  /** With all of its processes serving. */
  async function start(env: Readonly<Record<string, string>> = {}, count = 2): Promise<Sibling> {
    shop = await startSibling(ground, { WEB_CONCURRENCY: String(count), ...env });
    await untilServing(shop, count);
    started = membersOf(shop);
    return shop;
  }

  async function untilServing(of: Sibling, count: number): Promise<void> {
    const isComplete = async () => valueIn(await scrape(of), 'web_processes') === count;
    await until(`${count} processes serve`, isComplete, 30_000);
    started.push(...membersOf(of));
  }

  function connect(to: Pick<Sibling, 'url'>, count: number): KeepAliveClient[] {
    const made = Array.from({ length: count }, () => new KeepAliveClient(to.url));
    clients.push(...made);
    return made;
  }

  /** One after the other, so that each process has every second one. */
  async function connectInTurn(to: Sibling, count: number): Promise<KeepAliveClient[]> {
    const made = connect(to, count);
    for (const client of made) expect((await client.send('/ping')).status).toBe(200);
    return made;
  }

  const login = (to: Sibling): Promise<Shopper> =>
    Shopper.login({ url: to.url, sandboxUrl: ground.sandboxUrl });
  const rename = (client: KeepAliveClient, { token }: Shopper): Promise<Outcome> =>
    client.send('/api/v1/me', { method: 'PATCH', token, body: { nickname: '小鱼' } });

  /** A request in each of two processes that waits until the test lets go. */
  async function holdOneInEach(to: Sibling) {
    const shopper = await login(to);
    const lock = await lockUser(ground.database, shopper.userId);
    const held = (await connectInTurn(to, 2)).map(client => rename(client, shopper));
    await until('both are inside', async () => (await waitingForLocks(ground.database)) === 2);
    return { held, lock };
  }

  it('share connections evenly, and are measured as one', async () => {
    const shared = await start();
    expect(membersOf(shared)).toHaveLength(2);
    const all = await connectInTurn(shared, 10);
    for (const client of all) await client.send('/ping');
    const metrics = await scrape(shared);
    expect(pings(metrics)).toBe(20);
    for (const number of ['1', '2']) {
      expect(valueIn(metrics, 'web_process_requests_total', `process="${number}"`)).toBe(10);
    }
    expect(valueIn(metrics, 'web_processes_max')).toBe(2);
    expect(valueIn(metrics, 'db_client_connection_max') % 2).toBe(0);
    expect(lintMetrics(metrics)).toEqual([]);
  });

  it('tell once what all of them read in the same place', async () => {
    await ground.database.query(
      `insert into dead_letters (id, job, name, payload, published_at, attempts, error)
       values (gen_random_uuid(), 'any', 'any', '{}', now(), 1, 'x')`,
    );
    const shared = await start();
    expect(valueIn(await scrape(shared), 'dead_letters')).toBe(1);
    await ground.database.query('delete from dead_letters');
  });

  it('lose only what one of them had in hand when it is killed, and are complete again', async () => {
    const shared = await start();
    const [victim] = membersOf(shared);
    const outcomes: Outcome[] = [];
    let over = false;
    const running = connect(shared, 16).map(client => load(client, () => over, outcomes, [cheap]));
    await until('there is load', () => outcomes.length > 200);
    const before = valueIn(await scrape(shared), 'http_server_request_duration_seconds_count');
    process.kill(victim!, 'SIGKILL');
    await until('another one has been started', async () =>
      /^web_process_restarts_total 1$/m.test(await scrape(shared)),
    );
    await untilServing(shared, 2);
    const more = outcomes.length;
    await until('there is load', () => outcomes.length > more + 200);
    over = true;
    await Promise.all(running);
    // Each of its connections can be in one request, and find out at the next that it is closed.
    const failed = outcomes.filter(({ status }) => status !== 200);
    expect(failed.filter(({ status }) => status !== 0)).toEqual([]);
    expect(failed.length).toBeLessThanOrEqual(16);
    expect(membersOf(shared)).not.toContain(victim);
    // A counter that went down would be read as a restart of all, and the rest of it as a burst.
    const after = valueIn(await scrape(shared), 'http_server_request_duration_seconds_count');
    expect(after).toBeGreaterThanOrEqual(before);
    expect(shared.output()).toContain('a process ended with SIGKILL');
  });

  it('wait for one that keeps dying, longer each time', async () => {
    const shared = await start();
    const delays = (): number[] =>
      [...shared.output().matchAll(/"delayMs":(\d+)/g)].map(([, delayMs]) => Number(delayMs));
    for (let death = 1; death <= 4; death++) {
      const victim = await until('it is back', () => membersOf(shared)[1]);
      process.kill(victim, 'SIGKILL');
      await until('its end is noticed', () => delays().length === death);
    }
    expect(delays()[3]).toBeGreaterThan(delays()[0]! * 2);
    expect((await fetch(`${shared.url}/readyz`)).status).toBe(200);
  });

  it('replace one that hangs, without which neither requests nor metrics come to a halt', async () => {
    const shared = await start({ WEB_SILENCE_MAX: '5s', WEB_METRICS_TIMEOUT: '100ms' });
    await connectInTurn(shared, 4);
    await scrape(shared);
    const [victim] = membersOf(shared);
    process.kill(victim!, 'SIGSTOP');
    expect(pings(await scrape(shared))).toBe(4);
    // One of them may be given to the process that hangs; then nobody is, because it takes none.
    const outcomes = await Promise.all(
      connect(shared, 6).map(client => client.send('/ping', { headers: { connection: 'close' } })),
    );
    expect(outcomes.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5);
    await until('it is gone', () => !isAlive(victim!), 20_000);
    await untilServing(shared, 2);
  });

  it('finish what is in flight in each of them when the primary is told to go', async () => {
    const shared = await start({ ...slowEnv, HTTP_DRAIN_DELAY: '0' });
    const { held, lock } = await holdOneInEach(shared);
    const members = membersOf(shared);
    shared.kill('SIGTERM');
    shared.kill('SIGINT');
    const [late] = connect(shared, 1);
    await until('the door is shut', async () => (await late!.send('/ping')).status === 0);
    expect(pings(await scrape(shared))).toBeGreaterThan(0);
    await lock.release();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
    expect(await shared.exited).toBe(0);
    expect(members.some(isAlive)).toBe(false);
  });

  it('leave nobody waiting who came while the last door was shut', async () => {
    const shared = await start({ ...slowEnv, HTTP_DRAIN_DELAY: '0' });
    const { lock } = await holdOneInEach(shared);
    shared.kill('SIGTERM');
    const arrivals = connect(shared, 16).map(client =>
      until('the door is shut', async () => (await client.send('/ping')).status === 0),
    );
    await Promise.all(arrivals);
    // Had one of them waited for the end of the processes, the requests inside would be over too.
    expect(await waitingForLocks(ground.database)).toBe(2);
    await lock.release();
    expect(await shared.exited).toBe(0);
  });

  it('end with 1 when one of them does not finish in time', async () => {
    const shared = await start({ ...slowEnv, HTTP_DRAIN_DELAY: '0', HTTP_SHUTDOWN_TIMEOUT: '500ms' });
    const shopper = await login(shared);
    const lock = await lockUser(ground.database, shopper.userId);
    const [client] = connect(shared, 1);
    const stuck = rename(client!, shopper);
    await until('it is inside', async () => (await waitingForLocks(ground.database)) === 1);
    shared.kill('SIGTERM');
    expect(await shared.exited).toBe(1);
    expect((await stuck).status).toBe(0);
    await lock.release();
  });

  it('go although one of them hangs', async () => {
    const shared = await start({ HTTP_DRAIN_DELAY: '0', HTTP_SHUTDOWN_TIMEOUT: '500ms' });
    process.kill(membersOf(shared)[0]!, 'SIGSTOP');
    shared.kill('SIGTERM');
    expect(await shared.exited).toBe(1);
  });

  it('drain by themselves when the primary is killed', async () => {
    const shared = await start({ ...slowEnv, HTTP_DRAIN_DELAY: '0' });
    const { held, lock } = await holdOneInEach(shared);
    const members = membersOf(shared);
    shared.kill('SIGKILL');
    await shared.exited;
    await until('the door is shut', async () => !(await isUp(shared.url)));
    expect(members.every(isAlive)).toBe(true);
    await lock.release();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
    await until('nobody is left', () => !members.some(isAlive));
  });

  it('do not start one after the other when the first cannot', async () => {
    const port = await freePort();
    const taken = createServer().listen(port, '127.0.0.1');
    await once(taken, 'listening');
    const refused = await spawnSibling('main', { ...ground.env, WEB_CONCURRENCY: '3' }, { port });
    expect(await refused.exited).toBe(1);
    taken.close();
    expect(refused.output().match(/Minnow could not start/g)).toHaveLength(1);
    expect(refused.output()).toContain('EADDRINUSE');
  });

  it('say once what is wrong with the configuration', async () => {
    const refused = await spawnSibling('main', { ...ground.env, WEB_CONCURRENCY: '65', REDIS_URL: 'x' });
    expect(await refused.exited).toBe(1);
    expect(refused.output()).toContain(
      'WEB_CONCURRENCY (web.concurrency): must be auto or a number from 1 to 64',
    );
    expect(refused.output().match(/REDIS_URL \(redis.url\)/g)).toHaveLength(1);
  });

  it('honour a logout in another of them within the documented time', async () => {
    const shared = await start({ AUTH_SESSION_CACHE_TTL: '1s' });
    const { token } = await login(shared);
    const all = await connectInTurn(shared, 4);
    const statuses = async (): Promise<number[]> => {
      const outcomes = [];
      for (const client of all) outcomes.push(await client.send('/api/v1/me', { token }));
      return outcomes.map(({ status }) => status);
    };
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    expect((await all[0]!.send('/api/v1/auth/logout', { method: 'POST', token })).status).toBe(204);
    const loggedOutAt = performance.now();
    const outside = async () => (await statuses()).every(status => status === 401);
    await until('all of them know', outside, 5_000);
    expect(performance.now() - loggedOutAt).toBeLessThan(3_000);
  });

  it('close connections that are too many, instead of handing them round', async () => {
    const shared = await start({ HTTP_MAX_CONNECTIONS: '2' });
    const outcomes = await Promise.all(connect(shared, 9).map(client => client.send('/ping')));
    // Whatever answers has its connection kept; all others find theirs closed, none is left waiting.
    expect(outcomes.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(4);
    expect(outcomes.filter(({ status }) => status === 0).length).toBeGreaterThanOrEqual(5);
  });

  it('keep their log lines whole although they write into one pipe that is read slowly', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'minnow-test-'));
    const pipe = join(directory, 'log');
    execFileSync('mkfifo', [pipe]);
    const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'ignore'] });
    const out = openSync(pipe, 'w');
    const port = await freePort();
    const child = spawn(process.execPath, [join(root, 'dist/main.js')], {
      env: { ...process.env, ...ground.env, ...ofTwo, LOG_LEVEL: 'info', PORT: `${port}` },
      stdio: ['ignore', out, 'inherit'],
    });
    closeSync(out);
    const url = `http://127.0.0.1:${port}`;
    await until('it answers', () => isUp(url), 30_000);
    await until('there are two', () => membersOf({ pid: child.pid! }).length === 2);
    // Far more than a pipe holds, and nobody reads what cat has read.
    const outcomes: Outcome[] = [];
    await Promise.all(
      connect({ url }, 32).map(client => load(client, () => outcomes.length > 3_000, outcomes, [cheap])),
    );
    let text = '';
    reader.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.kill('SIGTERM');
    await once(reader, 'close');
    rmSync(directory, { recursive: true });
    const lines = text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as { route?: string });
    expect(lines.filter(({ route }) => route === '/api/v1/products').length).toBe(outcomes.length);
  });
});
