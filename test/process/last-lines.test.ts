import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { build } from '../../tools/build.ts';

const root = resolve(import.meta.dirname, '../..');
const logOutput = join(root, 'dist/platform/logging/log-output.js');

describe('the last lines of a process', () => {
  beforeAll(() => build(root));

  it.each([
    ['exits', 'process.exit(3)', 3],
    ['throws what nobody catches', "throw new Error('a mistake of ours')", 1],
    ['rejects what nobody handles', "void Promise.reject(new Error('a mistake of ours'))", 1],
    ['has nothing more to do', '', 0],
  ])('are written, also those that were to wait, when it %s', (_, end, status) => {
    const source = `
      import { LogOutput } from ${JSON.stringify(logOutput)};
      const output = new LogOutput();
      for (let request = 1; request <= 100; request++) output.writeSoon('request ' + request + '\\n');
      output.write('error\\n');
      output.writeSoon('request 101\\n');
      ${end}`;
    const ended = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
      encoding: 'utf8',
    });
    const requests = Array.from({ length: 101 }, (_, index) => `request ${index + 1}`);
    // What was being written just then may come after them: lines carry their time.
    expect(new Set(ended.stdout.split('\n'))).toEqual(new Set([...requests, 'error', '']));
    expect(ended.status).toBe(status);
  });
});
