/**
 * `npm run chaos -- --seed 42 --runs 200`: seeded runs of shoppers and faults on real servers, and the promises they
 * broke. A run is replayed with `--seed <its seed> --runs 1`. Exit code 1 if there was a violation.
 */
import { parseArgs } from 'node:util';
import { prepareGround } from './ground.ts';
import { run, type RunResult } from './run.ts';

const { values } = parseArgs({ options: { seed: { type: 'string' }, runs: { type: 'string' } } });
const first = Number(values.seed ?? 1);
const runs = Number(values.runs ?? 20);
if (!Number.isInteger(first) || !Number.isInteger(runs) || runs < 1) {
  console.error('usage: npm run chaos -- [--seed <whole number>] [--runs <how many>]');
  process.exit(2);
}

const results: RunResult[] = [];
const startedAt = performance.now();
const ground = await prepareGround();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
try {
  for (let index = 0; index < runs && !stop.signal.aborted; index++) {
    const result = await run(ground, first + index);
    results.push(result);
    if (result.violations.length > 0) report(result);
    else if ((index + 1) % 10 === 0) console.log(`${index + 1} runs, ${brief()}`);
  }
} finally {
  await ground.stop();
}
summarise();
// The desk's queues leave connections behind that go on looking for a Redis that is gone.
process.exit(results.some(({ violations }) => violations.length > 0) ? 1 : 0);

function report({ seed, faults, violations, history }: RunResult): void {
  console.log(`seed ${seed}: ${faults.join(' · ')}`);
  for (const violation of violations) console.log(`  ${violation}`);
  for (const { client, name, key = '-', status, verdict } of history.operations)
    console.log(`    client ${client} ${name} ${key} → ${status} ${verdict}`);
}

function brief(): string {
  const broken = results.reduce((sum, { violations }) => sum + violations.length, 0);
  const orders = results.reduce((sum, result) => sum + result.orders.length, 0);
  return `${orders} orders, ${ground.shop.restarts} restarts of the shop, ${broken} violations`;
}

function summarise(): void {
  const seconds = (performance.now() - startedAt) / 1_000;
  const operations = results.flatMap(({ history }) => history.operations);
  const injected = results.flatMap(({ faults }) => faults);
  const kinds = Map.groupBy(injected, name => name);
  const verdicts = Map.groupBy(operations, ({ verdict }) => verdict);
  console.log(
    `\nseeds ${first} to ${first + results.length - 1}, ${(seconds / results.length).toFixed(1)} s a run`,
  );
  console.log(`${results.length} runs, ${brief()}`);
  const states = Map.groupBy(
    results.flatMap(({ orders }) => orders),
    ({ status }) => status,
  );
  console.log([...states].map(([state, of]) => `${of.length} ${state}`).join(', '));
  console.log(
    `${operations.length} operations: ${[...verdicts].map(([name, of]) => `${of.length} ${name}`).join(', ')}`,
  );
  console.log(`${injected.length} faults injected, of ${kinds.size} kinds:`);
  for (const [name, of] of [...kinds].sort((a, b) => b[1].length - a[1].length))
    console.log(`  ${of.length}  ${name}`);
}
