import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { freePort } from '../../tools/embedded/child.ts';
import type { TestApp } from './app.ts';
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
  stop(): Promise<void>;
}

const root = resolve(import.meta.dirname, '../..');

/** Another real process of the built shop on the same database and Redis: for races, kills and drains. */
export async function startSibling(first: Pick<TestApp, 'env'>, env: Record<string, string> = {}): Promise<Sibling> {
  const port = await freePort();
  const managementPort = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [resolve(root, 'dist/main.js')], {
    env: { ...process.env, ...first.env, PUBLIC_BASE_URL: url, PORT: `${port}`, MANAGEMENT_PORT: `${managementPort}`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const exited = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | string);
  const sibling: Sibling = {
    url,
    managementUrl: `http://127.0.0.1:${managementPort}`,
    pid: child.pid!,
    output: () => output.join(''),
    kill: signal => void child.kill(signal),
    exited,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
  await until('the sibling answers /readyz', () => answersReady(sibling, child.exitCode), 20_000);
  return sibling;
}

async function answersReady(sibling: Sibling, exitCode: number | null): Promise<boolean> {
  if (exitCode !== null) throw new Error(`the sibling exited with ${exitCode}:\n${sibling.output()}`);
  const response = await fetch(`${sibling.url}/readyz`).catch(() => null);
  return response?.status === 200;
}
