import { closeSync, openSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { LogOutput } from './log-output.js';

const line = `${'x'.repeat(1_023)}\n`;

describe('log lines that nobody reads', () => {
  it('do not fill the memory, and the next ones are written again', () => {
    const fd = openSync('/dev/null', 'w');
    const output = new LogOutput(fd);
    // Nothing is written before the event loop turns: as if the reader hung.
    for (let count = 0; count < 20 * 1_024; count++) output.stream.write(line);
    expect(output.droppedLines).toBeGreaterThan(3 * 1_024);
    expect(output.droppedLines).toBeLessThan(5 * 1_024);
    const dropped = output.droppedLines;
    output.stream.flushSync();
    output.stream.write(line);
    expect(output.droppedLines).toBe(dropped);
    output.stream.flushSync();
    closeSync(fd);
  });
});

describe('log lines of several processes in one pipe', () => {
  it('are written as whole lines and few at a time, because more would be torn apart', () => {
    const fd = openSync('/dev/null', 'w');
    const output = new LogOutput(fd, true);
    const written: number[] = [];
    output.stream.on('write', (bytes: number) => written.push(bytes));
    for (let count = 0; count < 100; count++) output.stream.write(line);
    output.stream.write('不'.repeat(1_000) + '\n');
    return vi.waitFor(() => {
      expect(written.reduce((sum, bytes) => sum + bytes, 0)).toBe(100 * 1_024 + 3_001);
      expect(Math.max(...written)).toBeLessThanOrEqual(4_096);
      expect(written.slice(0, -1).every(bytes => bytes % 1_024 === 0)).toBe(true);
      closeSync(fd);
    });
  });
});
