import { describe, expect, it } from 'vitest';
import { cpuMsOf, familyCpuMs, residentMiB, rssMiBOf } from './proc-stat.ts';

const stat = (name: string) =>
  `4711 (${name}) S 1 4711 4711 0 -1 4194560 9000 0 0 0 250 130 7 9 20 0 11 0 123456 1000000 5000`;

describe('what a process has used', () => {
  it('is user and system time, without that of dead children', () => {
    expect(cpuMsOf(stat('node'))).toBe(3_800);
  });

  it('is not misread when the name of a process looks like fields', () => {
    expect(cpuMsOf(stat('a) R 9 9'))).toBe(3_800);
  });

  it('is never a number made of something else', () => {
    expect(() => cpuMsOf('4711 (node) S 1')).toThrow('not a stat line');
    expect(() => rssMiBOf('Name:\tkthreadd\n')).toThrow('VmRSS');
  });

  it('is resident memory in MiB', () => {
    expect(rssMiBOf('VmPeak:\t 999999 kB\nVmRSS:\t  194560 kB\n')).toBe(190);
  });

  it.skipIf(process.platform !== 'linux')('is read from the running system', () => {
    expect(familyCpuMs(process.pid)).toBeGreaterThan(0);
    expect(residentMiB(process.pid)).toBeGreaterThan(10);
  });
});
