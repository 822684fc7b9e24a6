/** The services a shop needs, started together and stopped together: for the launcher and for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Embedded, Watch } from './child.ts';
import { startPostgres } from './postgres.ts';
import { startReaper, type Reaper } from './reaper.ts';
import { startRedis } from './redis.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';

export type ServiceName = 'postgres' | 'redis' | 'sandbox';

export interface StackOptions {
  readonly services: readonly ServiceName[];
  /** Where data is kept. Without it everything is ephemeral: a temporary directory, gone after `stop`. */
  readonly dataDir?: string | undefined;
  readonly sandboxPort?: number | undefined;
  readonly sandboxMain?: string | undefined;
  readonly watch?: Watch | undefined;
}

export interface Stack {
  /** `DATABASE_URL`, `REDIS_URL`, `WECHAT_*`, each where its service was asked for. */
  readonly env: Readonly<Record<string, string>>;
  /** Where WeChat's stand-in answers, for the controls that play the phone. */
  readonly sandboxUrl: string | undefined;
  /** Resolves with the reason when any service ends, asked or not. */
  readonly exited: Promise<string>;
  stop(withinMs?: number): Promise<void>;
}

type Started = Readonly<Partial<{ postgres: Embedded; redis: Embedded; sandbox: Sandbox }>>;

/** Starts the services in parallel. If one fails, the others are stopped and its error is thrown. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const ephemeral = options.dataDir === undefined;
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'minnow-'));
  const reaper = ephemeral ? startReaper() : undefined;
  reaper?.discard(dataDir);
  const starting = start(options, dataDir, options.watch ?? reaper);
  const outcome = await settleAll(starting);
  const stop = (withinMs?: number): Promise<void> =>
    stopAll(outcome.started, withinMs, ephemeral ? () => discard(dataDir, reaper) : undefined);
  if (outcome.error !== undefined) {
    await stop(1000);
    throw outcome.error;
  }
  return describe(outcome.started, stop);
}

function start(options: StackOptions, dataDir: string, watch: Watch | undefined) {
  const wanted = new Set(options.services);
  const durable = options.dataDir !== undefined;
  const { sandboxPort: port = 0, sandboxMain: main } = options;
  return {
    postgres: wanted.has('postgres')
      ? startPostgres({ dataDir: join(dataDir, 'postgres'), durable, watch })
      : undefined,
    redis: wanted.has('redis') ? startRedis({ dataDir: join(dataDir, 'redis'), durable, watch }) : undefined,
    sandbox: wanted.has('sandbox')
      ? startSandbox({ dataDir: join(dataDir, 'wechat-sandbox'), port, main, watch })
      : undefined,
  };
}

async function settleAll(starting: ReturnType<typeof start>): Promise<{ started: Started; error?: Error }> {
  const [postgres, redis, sandbox] = await Promise.allSettled([
    starting.postgres,
    starting.redis,
    starting.sandbox,
  ]);
  const failed = [postgres, redis, sandbox].find(result => result.status === 'rejected');
  return {
    started: { postgres: valueOf(postgres), redis: valueOf(redis), sandbox: valueOf(sandbox) },
    error: failed?.reason as Error | undefined,
  };
}

function valueOf<T>(result: PromiseSettledResult<T>): T | undefined {
  return result.status === 'fulfilled' ? result.value : undefined;
}

function describe({ postgres, redis, sandbox }: Started, stop: Stack['stop']): Stack {
  const ends = [postgres, redis, sandbox].flatMap(service => (service ? [service.exited] : []));
  return {
    env: {
      ...(postgres && { DATABASE_URL: postgres.url }),
      ...(redis && { REDIS_URL: redis.url }),
      ...sandbox?.env,
    },
    sandboxUrl: sandbox?.url,
    exited: Promise.race(ends),
    stop,
  };
}

async function stopAll(
  { postgres, redis, sandbox }: Started,
  withinMs: number | undefined,
  discardAll: (() => void) | undefined,
): Promise<void> {
  if (!discardAll) {
    await Promise.all([postgres, redis, sandbox].map(service => service?.stop(withinMs)));
    return;
  }
  await Promise.all([postgres?.destroy(withinMs), redis?.destroy(withinMs), sandbox?.stop(withinMs)]);
  discardAll();
}

function discard(dataDir: string, reaper: Reaper | undefined): void {
  rmSync(dataDir, { recursive: true, force: true });
  reaper?.keep();
  reaper?.close();
}
