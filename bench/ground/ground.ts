/** Stores and WeChat's stand-in as `npm start` has them, everything built, and one directory that is gone afterwards. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from '../../tools/build.ts';
import { startPostgres } from '../../tools/embedded/postgres.ts';
import { startReaper, type Reaper } from '../../tools/embedded/reaper.ts';
import { startRedis } from '../../tools/embedded/redis.ts';
import { startSandbox } from '../../tools/embedded/sandbox.ts';
import { compilePeer } from './compile-peer.ts';
import { takeCores, type Cores } from './cores.ts';
import { Databases } from './databases.ts';
import { readVariables } from './variables.ts';

export const root = resolve(import.meta.dirname, '../..');

export interface Ground {
  /** Below the repository, because compiled peers find their packages from there. */
  readonly directory: string;
  readonly cores: Cores;
  readonly databases: Databases;
  /** `REDIS_URL` and `WECHAT_*`. */
  readonly env: Readonly<Record<string, string>>;
  readonly sandboxUrl: string;
  /** Environment variables that the built shop knows. */
  readonly variables: ReadonlySet<string>;
  readonly usualNest: string;
  readonly watch: Reaper;
  stop(): Promise<void>;
}

export async function prepareGround(): Promise<Ground> {
  const cores = takeCores();
  await build(root);
  const directory = mkdtempSync(join(root, '.minnow-bench-'));
  mkdirSync(join(directory, 'logs'));
  const watch = startReaper();
  watch.discard(directory);
  const stores = await startStores(directory, watch);
  return {
    directory,
    cores,
    databases: new Databases(root, stores.postgres.url),
    env: { REDIS_URL: stores.redis.url, ...stores.sandbox.env },
    sandboxUrl: stores.sandbox.url,
    variables: await readVariables(root),
    usualNest: await compilePeer(root, 'usual-nest', join(directory, 'peers')),
    watch,
    async stop() {
      await Promise.all([stores.postgres.destroy(), stores.redis.destroy(), stores.sandbox.stop()]);
      rmSync(directory, { recursive: true, force: true });
      watch.keep();
      watch.close();
    },
  };
}

/** Durable, as in production: what a commit costs is part of an order. The reaper ends those that did start. */
async function startStores(directory: string, watch: Reaper) {
  const [postgres, redis, sandbox] = await Promise.all([
    startPostgres({ dataDir: join(directory, 'postgres'), durable: true, watch }),
    startRedis({ dataDir: join(directory, 'redis'), durable: true, watch }),
    startSandbox({ dataDir: join(directory, 'sandbox'), port: 0, watch }),
  ]);
  return { postgres, redis, sandbox };
}
