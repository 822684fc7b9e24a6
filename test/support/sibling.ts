import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { freePort } from '../../tools/embedded/ports.ts';
import { until } from './until.ts';

export interface Sibling {
  readonly url: string;
  readonly managementUrl: string;
  readonly pid: number;
  /** Everything written to stdout and stderr so far. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** The exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  hasExited(): boolean;
  stop(): Promise<void>;
}

const root = resolve(import.meta.dirname, '../..');

type Env = Readonly<Record<string, string>>;

/** Another real process of the built shop on the same database and Redis: for races, kills and drains. */
export async function startSibling(first: { readonly env: Env }, env: Env = {}): Promise<Sibling> {
  const sibling = await spawnSibling('main', { ...first.env, ...env });
  await until('the sibling answers /readyz', () => isUp(sibling, `${sibling.url}/readyz`), 20_000);
  return sibling;
}

/** The worker entry: no public listener, so it is up when its metrics are. */
export async function startWorker(first: { readonly env: Env }, env: Env = {}): Promise<Sibling> {
  const worker = await spawnSibling('worker', { ...first.env, ...env });
  await until('the worker serves /metrics', () => isUp(worker, `${worker.managementUrl}/metrics`), 20_000);
  return worker;
}

export interface SpawnOptions {
  readonly port?: number;
  readonly managementPort?: number;
  readonly args?: readonly string[];
}

/** Starts an entry of the built shop and waits for nothing. */
export async function spawnSibling(
  entry: 'main' | 'worker',
  env: Env,
  options: SpawnOptions = {},
): Promise<Sibling> {
  const { port = await freePort(), managementPort = await freePort(), args = [] } = options;
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [resolve(root, `dist/${entry}.js`), ...args], {
    env: {
      ...process.env,
      PUBLIC_BASE_URL: url,
      PORT: `${port}`,
      MANAGEMENT_PORT: `${managementPort}`,
      ...ownPorts(env),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const exited = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | string);
  return {
    url,
    managementUrl: `http://127.0.0.1:${managementPort}`,
    pid: child.pid!,
    output: () => output.join(''),
    kill: signal => void child.kill(signal),
    exited,
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** The first process's port is taken. */
function ownPorts(env: Env): Env {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => name !== 'PORT' && name !== 'MANAGEMENT_PORT'),
  );
}

async function isUp(sibling: Sibling, url: string): Promise<boolean> {
  if (sibling.hasExited())
    throw new Error(`the sibling exited with ${await sibling.exited}:\n${sibling.output()}`);
  const response = await fetch(url).catch(() => null);
  await response?.body?.cancel();
  return response?.status === 200;
}
