/** The process table: does an id still mean the process it meant when it was written down, and how is it ended? */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isCode } from './error-code.ts';

/** Boot and start time: equal only for the same process. Undefined when it is gone (or a zombie). */
export function identityOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(pid, 'lstart');
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything, spaces included; what follows the last one is regular.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

export function commandOf(pid: number): string {
  if (process.platform !== 'linux') return ps(pid, 'command') ?? '';
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Processes whose working directory is `directory`. Empty where the system does not tell. */
export function processesIn(directory: string): number[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  return pids.map(Number).filter(pid => workingDirectoryOf(pid) === directory);
}

export function workingDirectoryOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/** Sends each signal in turn and gives it two seconds. Only for a process known to be ours. */
export async function endProcess(pid: number, signals: readonly NodeJS.Signals[]): Promise<void> {
  const identity = identityOf(pid);
  if (identity === undefined) return;
  for (const signal of signals) {
    trySignal(pid, signal);
    if (await goneWithin(pid, identity, 2000)) return;
  }
}

export async function goneWithin(pid: number, identity: string, ms: number): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (identityOf(pid) === identity) {
    if (Date.now() > deadline) return false;
    await delay(25);
  }
  return true;
}

export function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone in between: what was wanted.
  }
}

export function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

function ps(pid: number, column: string): string | undefined {
  const { stdout } = spawnSync('ps', ['-ww', '-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' });
  return stdout?.trim() || undefined;
}
