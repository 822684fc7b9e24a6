import type { EventEmitter } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogOutput } from './log-output.js';

const line = `${'x'.repeat(1_023)}\n`;

describe('log lines that nobody reads', () => {
  it('do not fill the memory, and the next ones are written again', () => {
    const fd = openSync('/dev/null', 'w');
    const output = new LogOutput({ fd });
    // Nothing is written before the event loop turns: as if the reader hung.
    for (let count = 0; count < 20 * 1_024; count++) output.writeSoon(line);
    expect(output.droppedLines).toBeGreaterThan(3 * 1_024);
    expect(output.droppedLines).toBeLessThan(5 * 1_024);
    const dropped = output.droppedLines;
    output.flushSync();
    output.writeSoon(line);
    expect(output.droppedLines).toBe(dropped);
    output.flushSync();
    closeSync(fd);
  });
});

describe('a line that may wait', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'minnow-log-'));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  const open = (): LogOutput => new LogOutput({ fd: openSync(join(folder, 'log'), 'w') });
  const written = (): string => readFileSync(join(folder, 'log'), 'utf8');

  it('is written without any other, before long', async () => {
    const output = open();
    output.writeSoon('one\n');
    output.writeSoon('two\n');
    expect(written()).toBe('');
    await vi.waitFor(() => expect(written()).toBe('one\ntwo\n'));
  });

  it('goes out before one that may not', async () => {
    // Nothing is written in passing.
    vi.spyOn(globalThis, 'setInterval').mockReturnValue({ unref: () => undefined } as never);
    const output = open();
    output.writeSoon('request\n');
    output.write('error\n');
    await vi.waitFor(() => expect(written()).toBe('request\nerror\n'));
  });
});

describe('log lines of several processes in one pipe', () => {
  it('are written as whole lines and few at a time, because more would be torn apart', () => {
    const fd = openSync('/dev/null', 'w');
    const output = new LogOutput({ fd, isShared: true });
    const { stream } = output as unknown as { readonly stream: EventEmitter };
    const written: number[] = [];
    stream.on('write', (bytes: number) => written.push(bytes));
    for (let count = 0; count < 100; count++) output.writeSoon(line);
    output.write('不'.repeat(1_000) + '\n');
    return vi.waitFor(() => {
      expect(written.reduce((sum, bytes) => sum + bytes, 0)).toBe(100 * 1_024 + 3_001);
      expect(Math.max(...written)).toBeLessThanOrEqual(4_096);
      expect(written.slice(0, -1).every(bytes => bytes % 1_024 === 0)).toBe(true);
      closeSync(fd);
    });
  });
});
