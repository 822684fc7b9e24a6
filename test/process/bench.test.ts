import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScenarioResult } from '../../bench/report/results.ts';
import { processesOf, REPOSITORY, until } from './support.ts';

const results = join(REPOSITORY, 'bench/results');
const scenario = 'product-detail-miss';

function bench(...args: readonly string[]): ChildProcess & { readonly stdout: NodeJS.ReadableStream } {
  const command = [join(REPOSITORY, 'bench/main.ts'), ...args];
  return spawn(process.execPath, command, { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Folders of runs, and processes that work in them or name them. */
function remains(): readonly string[] {
  const folder = '.minnow-bench-';
  const folders = readdirSync(REPOSITORY).filter(name => name.startsWith(folder));
  return [...folders, ...processesOf(join(REPOSITORY, folder))];
}

describe.skipIf(process.platform !== 'linux' || availableParallelism() < 2)('npm run bench', () => {
  afterEach(() => {
    for (const ending of ['json', 'md']) rmSync(join(results, `${scenario}.${ending}`), { force: true });
  });

  it('measures a shop and its peers, which answer the same, and leaves nothing behind', async () => {
    const run = bench(scenario, '--rounds', '3', '--seconds', '1');
    const output = text(run.stdout);
    expect((await once(run, 'exit'))[0]).toBe(0);
    expect(await output).toMatch(
      /\| requests, minnow : bare Fastify \| ≥ 1\.5x \| [\d.]+x \| (pass|falls short)/,
    );
    const [result] = JSON.parse(readFileSync(join(results, `${scenario}.json`), 'utf8')) as [ScenarioResult];
    expect(result.measured.sides.map(({ label }) => label)).toEqual(['minnow', 'bare Fastify', 'usual Nest']);
    for (const { rounds } of result.measured.sides) {
      expect(rounds).toHaveLength(3);
      for (const round of rounds) expect(Object.values(round).every(value => value > 0)).toBe(true);
    }
    expect(remains()).toEqual([]);
  }, 180_000);

  it('leaves nothing behind when it is killed with -9 in the middle of a round', async () => {
    const run = bench(scenario, '--rounds', '3', '--seconds', '30');
    const loading = () => processesOf(join(REPOSITORY, 'bench/load/worker.ts')).length > 0;
    await until(loading, 120_000, 'the load has begun');
    run.kill('SIGKILL');
    await until(() => remains().length === 0, 20_000, 'the reaper has cleaned up');
  }, 180_000);

  it('says what there is when asked for something else', async () => {
    const run = bench('product-details');
    const said = text(run.stdout);
    expect((await once(run, 'exit'))[0]).toBe(2);
    expect(await said).toContain('product-detail-miss');
  });
});
