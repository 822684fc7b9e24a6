import { closeSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
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
