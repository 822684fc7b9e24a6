/** What the kernel says a process has used (proc_pid_stat(5)). Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;
const mebibyte = 1_048_576;

/** User and system time of all threads, in ms, in steps of 10. */
export function cpuMsOf(stat: string): number {
  // The name in parentheses may hold anything, spaces and parentheses included; what follows the last one is regular.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [utime, stime] = [Number(fields[11]), Number(fields[12])];
  if (!Number.isInteger(utime) || !Number.isInteger(stime)) throw new Error(`not a stat line: ${stat}`);
  return ((utime + stime) * 1_000) / ticksPerSecond;
}

export function rssMiBOf(status: string): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error('no VmRSS: is it a kernel thread?');
  return (Number(kibibytes) * 1_024) / mebibyte;
}

/** Of a server and all processes it has started. */
export function familyCpuMs(pid: number): number {
  const cpuMs = familyOf(pid).map(member => cpuMsOf(readFileSync(`/proc/${member}/stat`, 'utf8')));
  return cpuMs.reduce((sum, ms) => sum + ms, 0);
}

export function residentMiB(pid: number): number {
  return rssMiBOf(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

function familyOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap(thread =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}
