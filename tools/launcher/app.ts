/** The app's process and the commands that prepare its database. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { spawnService, untilReady, type Service, type Watch } from '../embedded/child.ts';
import { localUrl, type Settings } from './settings.ts';

const READY_WITHIN_MS = 60_000;

export function logFileOf(dataDir: string): string {
  return join(dataDir, 'logs', 'minnow.log');
}

export interface Command {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
}

/** Runs one command to its end. @throws Error with its last lines unless it exits 0. */
export async function runStep(
  settings: Settings,
  { name, script, args = [] }: Command,
  env: NodeJS.ProcessEnv,
  watch: Watch,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const logFile = join(settings.dataDir, 'logs', `${name}.log`);
  const step = await startNode(settings, { name, script, args }, env, logFile, watch);
  const stop = (): void => void step.stop(1000);
  signal.addEventListener('abort', stop, { once: true });
  const outcome = await step.exited;
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (step.child.exitCode !== 0) throw new Error(`${outcome}\n${step.logTail()}`);
}

/** Resolves once the app runs; it may not answer yet. */
export function startApp(settings: Settings, env: NodeJS.ProcessEnv, watch: Watch): Promise<Service> {
  const command = { name: 'The shop', script: 'dist/main.js' };
  return startNode(settings, command, env, logFileOf(settings.dataDir), watch);
}

export function untilAnswering(settings: Settings, app: Service): Promise<void> {
  const url = new URL('/readyz', localUrl(settings));
  const ready = async (): Promise<boolean> => {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2000) });
      await answer.body?.cancel();
      return answer.status === 200;
    } catch {
      return false;
    }
  };
  return untilReady(app, ready, READY_WITHIN_MS);
}

function startNode(
  settings: Settings,
  { name, script, args = [] }: Command,
  env: NodeJS.ProcessEnv,
  logFile: string,
  watch: Watch,
): Promise<Service> {
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  return spawnService({
    name,
    command: process.execPath,
    args: [join(settings.root, script), ...args],
    cwd: settings.root,
    env,
    logFile,
    stopSignals: ['SIGTERM', 'SIGKILL'],
    watch,
  });
}
