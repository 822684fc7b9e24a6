/** Writes what the last published run has found: `node tools/docs/benchmarks.ts [--check]`. */
import { resolve } from 'node:path';
import { chart } from '../../bench/report/chart.ts';
import { report } from '../../bench/report/markdown.ts';
import { readSummary } from '../../bench/report/results.ts';
import { writeOrCompare } from './committed.ts';
import { fillIn, root } from './markdown.ts';

const command = 'node tools/docs/benchmarks.ts';
const results = readSummary();
const lines = results.length === 0 ? ['Nothing is published yet.'] : report(results);
fillIn('docs/benchmarks.md', 'benchmarks', lines.join('\n').trim().split('\n'), command);
writeOrCompare(resolve(root, 'docs/benchmarks.svg'), chart(results), command);
