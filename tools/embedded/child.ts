/**
 * One long-lived child process: started, waited for, and ended within a bound.
 * Children get a process group of their own, so that Ctrl-C reaches the launcher alone and it decides the order.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Is told about every child, so that somebody can end it when we no longer can. */
export interface Watch {
  add(pid: number, signal: NodeJS.Signals): void;
  remove(pid: number): void;
}

export interface ServiceSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly argv0?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Receives stderr, and stdout unless `pipeStdout`; emptied at start, which bounds it. */
  readonly logFile: string;
  readonly pipeStdout?: boolean;
  /** The first asks, the second insists; SIGKILL follows by itself. */
  readonly stopSignals: readonly [NodeJS.Signals, NodeJS.Signals];
  readonly watch?: Watch | undefined;
}

export interface Service {
  readonly name: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves with a sentence that says how it ended. Never rejects. */
  readonly exited: Promise<string>;
  readonly running: () => boolean;
  readonly logTail: () => string;
  /** Returns when the process is gone, at the latest about a second after `withinMs`. */
  readonly stop: (withinMs?: number) => Promise<void>;
}

/** A service with an address. */
export interface Embedded {
  readonly url: string;
  readonly pid: number;
  /** Resolves with the reason when the process ends, asked or not. */
  readonly exited: Promise<string>;
  /** Ends the process, keeps the data. */
  stop(withinMs?: number): Promise<void>;
  /** Ends the process and removes its data, wherever it lies. */
  destroy(withinMs?: number): Promise<void>;
}

export async function spawnService(spec: ServiceSpec): Promise<Service> {
  const child = spawnLogged(spec);
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  spec.watch?.add(pid, spec.stopSignals[0]);
  const exited = once(child, 'exit').then(([code, signal]) => {
    spec.watch?.remove(pid);
    return `${spec.name} ended with ${signal ?? `code ${code}`}`;
  });
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  const stop = (withinMs = 4000): Promise<void> => end(child, exited, spec.stopSignals, withinMs);
  return { name: spec.name, pid, child, exited, running, logTail: () => tailOf(spec.logFile), stop };
}

function spawnLogged(spec: ServiceSpec): ChildProcess {
  // Append mode: whoever empties the file while it is written gets no hole in it.
  closeSync(openSync(spec.logFile, 'w', 0o600));
  const log = openSync(spec.logFile, 'a');
  try {
    return spawn(spec.command, [...spec.args], {
      argv0: spec.argv0,
      env: spec.env,
      cwd: spec.cwd ?? '/',
      detached: true,
      stdio: ['ignore', spec.pipeStdout ? 'pipe' : log, log],
      ...spec.user,
    });
  } finally {
    closeSync(log);
  }
}

async function end(
  child: ChildProcess,
  exited: Promise<string>,
  [ask, insist]: readonly [NodeJS.Signals, NodeJS.Signals],
  withinMs: number,
): Promise<void> {
  const steps = [
    [ask, withinMs],
    [insist, 500],
    ['SIGKILL', 2000],
  ] as const;
  for (const [signal, waitMs] of steps) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    if (await settledWithin(exited, waitMs)) return;
  }
}

/** Polls `probe` until it answers true. Rejects with the log's tail when the process dies or time is up. */
export async function untilReady(
  service: Service,
  probe: () => Promise<boolean>,
  withinMs: number,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await probe())) {
    if (!service.running()) throw new Error(`${await service.exited} at start\n${service.logTail()}`);
    if (Date.now() > deadline) {
      throw new Error(`${service.name} is not ready after ${withinMs} ms\n${service.logTail()}`);
    }
    await delay(40);
  }
}

export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const timeout = new AbortController();
  const settled = promise.then(
    () => true,
    () => true,
  );
  const expired = delay(ms, false, { signal: timeout.signal }).catch(() => false);
  try {
    return await Promise.race([settled, expired]);
  } finally {
    timeout.abort();
  }
}

export function tailOf(file: string, lines = 20): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
