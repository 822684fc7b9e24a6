import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const module = pathToFileURL(`${import.meta.dirname}/start-small.ts`).href;
/** In a process of its own, because V8's flags are for the whole process. */
const script = `
import { getHeapSpaceStatistics } from 'node:v8';
import { startSmall } from '${module}';

const kept = [];
const youngMiB = () => {
  // In the midst of a collection it has the pages of two generations.
  gc({ type: 'minor' });
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  return space.space_size / 2 ** 20;
};
const fillUp = async () => {
  for (let index = 0; index < 1_000_000; index++) kept.push({ index });
  return youngMiB();
};
const started = await startSmall(fillUp);
console.log(JSON.stringify({ started, serving: await fillUp() }));
`;

describe('a start', () => {
  it('leaves no large young generation behind, and does not keep it from growing later', () => {
    const options = ['--expose-gc', '--input-type=module', '--eval', script];
    const { stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const { started, serving } = JSON.parse(stdout) as Record<'started' | 'serving', number>;
    expect(started).toBeLessThanOrEqual(4);
    expect(serving).toBeGreaterThanOrEqual(16);
  });
});
