/** Who runs where: the server alone on one core; the load, the stores, WeChat and we on another. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface Cores {
  readonly server: number;
  readonly load: number;
}

/** Pins this process, and with it whatever it starts, to the load's core. @throws Error where that is impossible */
export function takeCores(): Cores {
  if (process.platform !== 'linux')
    throw new Error('npm run bench pins processes with taskset: it needs Linux');
  const [server, load] = allowedCores(readFileSync('/proc/self/status', 'utf8'));
  if (server === undefined || load === undefined) {
    throw new Error('npm run bench needs two cores: one for the server, one for the load');
  }
  if (!existsSync('/usr/bin/taskset')) throw new Error('npm run bench needs taskset (util-linux)');
  execFileSync('taskset', ['-acp', String(load), String(process.pid)], { stdio: 'ignore' });
  return { server, load };
}

/** `Cpus_allowed_list: 0-2,5` → 0, 1, 2, 5. */
export function allowedCores(status: string): number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status)?.[1];
  return (list?.split(',') ?? []).flatMap(part => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

export function pinnedTo(core: number, command: string, args: readonly string[]) {
  return { command: 'taskset', args: ['-c', String(core), command, ...args] };
}
