/** Real stores of one's own, a WeChat and the shop, with a wire between the shop and each of them. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { build } from '../../tools/build.ts';
import type { Embedded } from '../../tools/embedded/child.ts';
import { freePort } from '../../tools/embedded/ports.ts';
import { startPostgres } from '../../tools/embedded/postgres.ts';
import { startReaper, type Reaper } from '../../tools/embedded/reaper.ts';
import { startRedis } from '../../tools/embedded/redis.ts';
import { migrate } from '../support/databases.ts';
import { startWechat, type Wechat } from '../support/wechat.ts';
import { Desk } from './desk.ts';
import { ShopProcess } from './shop-process.ts';
import { Wire } from './wire.ts';

const root = resolve(import.meta.dirname, '../..');

/** Short times, so that a run sees everything that time brings. */
const haste = {
  NODE_ENV: 'test',
  LOG_LEVEL: 'warn',
  ORDER_PAYMENT_TIMEOUT: '2s',
  ORDER_SWEEP_GRACE: '500ms',
  ORDER_SWEEP_RETRY: '500ms',
  QUEUE_RELAY_LEASE: '1s',
  QUEUE_LOCK_DURATION: '1s',
  HTTP_REQUEST_TIMEOUT: '3s',
  HTTP_SHUTDOWN_TIMEOUT: '5s',
  DATABASE_LOCK_TIMEOUT: '1s',
  DATABASE_STATEMENT_TIMEOUT: '2s',
  WECHAT_REQUEST_TIMEOUT: '1s',
  WECHAT_LOGIN_TIMEOUT: '1s',
  AUTH_LOGIN_REPLAY_WAIT: '500ms',
  PAYMENT_REFRESH_INTERVAL: '100ms',
  PAYMENT_POLL_INTERVAL: '100ms',
  PAYMENT_POLL_FIRST: '400ms',
  PAYMENT_POLL_LONGEST: '1s',
  PAYMENT_REFUND_POLL_LONGEST: '1s',
};

export interface Ground {
  readonly postgres: Store;
  readonly redis: Store;
  readonly wechat: Wechat;
  readonly pay: Wire;
  readonly shop: ShopProcess;
  readonly desk: Desk;
  /** Straight into the database, past the wire. */
  readonly database: pg.Pool;
  readonly sandboxUrl: string;
  flushRedis(): Promise<void>;
  stop(): Promise<void>;
}

/** A server that can be killed and comes back with its data, behind its wire. */
export class Store {
  readonly wire: Wire;
  readonly #start: () => Promise<Embedded>;
  #server: Embedded;

  constructor(wire: Wire, server: Embedded, start: () => Promise<Embedded>) {
    this.wire = wire;
    this.#server = server;
    this.#start = start;
  }

  get url(): string {
    return this.#server.url;
  }

  get pid(): number {
    return this.#server.pid;
  }

  async killAndRestart(): Promise<void> {
    process.kill(this.#server.pid, 'SIGKILL');
    await this.#server.exited;
    this.#server = await this.#start();
  }

  async destroy(): Promise<void> {
    await this.wire.close();
    await this.#server.destroy();
  }
}

export async function prepareGround(): Promise<Ground> {
  await build(root);
  const dataDir = mkdtempSync(join(tmpdir(), 'minnow-chaos-'));
  const reaper = startReaper();
  reaper.discard(dataDir);
  const [postgres, redis, wechat] = await Promise.all([
    startStore(dataDir, reaper, startPostgres, 'postgres'),
    startStore(dataDir, reaper, startRedis, 'redis'),
    startWechat({ retryFactor: 0.02, refundDelayMs: 150 }),
  ]);
  await migrate(root, postgres.url);
  const database = new pg.Pool({ connectionString: postgres.url, max: 4 });
  database.on('error', () => undefined);
  const sandboxUrl = wechat.env['WECHAT_PAY_BASE_URL']!;
  const pay = await Wire.start(new URL(sandboxUrl));
  const env = shopEnv(postgres, redis, wechat, pay);
  const shop = await openShop(env);
  const desk = await Desk.open(shop.url, database);
  return {
    postgres,
    redis,
    wechat,
    pay,
    shop,
    desk,
    database,
    sandboxUrl,
    flushRedis: () => flush(redis.url),
    async stop() {
      await shop.stop();
      await database.end();
      await Promise.all([postgres.destroy(), redis.destroy(), pay.close(), wechat.stop()]);
      reaper.close();
    },
  };
}

type StartServer = (options: {
  dataDir: string;
  port: number;
  durable: boolean;
  watch: Reaper;
}) => Promise<Embedded>;

async function startStore(parent: string, watch: Reaper, start: StartServer, name: string): Promise<Store> {
  const port = await freePort();
  const startOne = (): Promise<Embedded> =>
    start({ dataDir: join(parent, name), port, durable: true, watch });
  const server = await startOne();
  return new Store(await Wire.start(new URL(server.url)), server, startOne);
}

function shopEnv(postgres: Store, redis: Store, wechat: Wechat, pay: Wire): Record<string, string> {
  return {
    ...haste,
    ...wechat.env,
    DATABASE_URL: postgres.wire.url,
    REDIS_URL: redis.wire.url,
    WECHAT_PAY_BASE_URL: pay.url,
    AUTH_JWT_SECRET: randomBytes(48).toString('base64'),
    AUTH_DATA_KEY: randomBytes(48).toString('base64'),
  };
}

async function openShop(env: Readonly<Record<string, string>>): Promise<ShopProcess> {
  // Below where `freePort` looks: while the shop is down, nobody else may be given its ports.
  const port = 10_000 + (process.pid % 2_500) * 2;
  const managementPort = port + 1;
  const shop = new ShopProcess({ env, port, managementPort });
  await shop.start();
  return shop;
}

async function flush(url: string): Promise<void> {
  const client = new Redis(url, { maxRetriesPerRequest: 1 });
  client.on('error', () => undefined);
  await client.flushall().catch(() => undefined);
  client.disconnect();
}
