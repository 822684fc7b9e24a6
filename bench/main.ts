/**
 * `npm run bench [name]`: Minnow beside its peers, each in a process of its own on one core, load and stores on
 * another. Without a name the table of docs/benchmarks.md, `article` for the measures of the article, or one scenario.
 * `--rounds 5 --seconds 5` say how long; `--publish` makes the results those of docs/benchmarks.md.
 * Exit code 1 when something could not be measured; falling short is a result.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareGround, root } from './ground/ground.ts';
import { playAll } from './measure/play-all.ts';
import type { Pace } from './measure/play-load.ts';
import { report } from './report/markdown.ts';
import {
  merge,
  readSummary,
  summaryFile,
  writeJson,
  writeRun,
  type ScenarioResult,
} from './report/results.ts';
import { named, names } from './scenarios/all.ts';

const usage = 'usage: npm run bench [-- <name> --rounds <3 or more> --seconds <1 or more> --publish]';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    publish: { type: 'boolean', default: false },
  },
});
const pace: Pace = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
if (positionals.length > 1 || !(pace.rounds >= 3) || !(pace.seconds >= 1)) {
  console.error(usage);
  process.exit(2);
}

const [name] = positionals;
const scenarios = named(name);
if (!scenarios) {
  console.log(`no scenario is called ${name}; there are ${names.join(', ')}`);
  process.exit(2);
}
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const ground = await prepareGround();
let results: readonly ScenarioResult[] = [];
try {
  results = await playAll(ground, scenarios, pace, stop.signal);
} finally {
  await ground.stop();
}
const text = report(results);
console.log(`\n${text.join('\n')}`);
console.log(`${writeRun(name ?? 'all', results, text)}.json`);
if (values.publish) publish(results);
if (results.length < scenarios.length) process.exitCode = 1;

function publish(results: readonly ScenarioResult[]): void {
  writeJson(summaryFile, merge(readSummary(), results));
  execFileSync(process.execPath, [join(root, 'tools/docs/benchmarks.ts')], { stdio: 'inherit' });
}
