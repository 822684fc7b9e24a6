/**
 * `npm run check`: every rule that needs no server (types, lint, format, documents, unit and architecture tests).
 * `npm test` adds `--all`: the suites on real PostgreSQL, Redis and WeChat sandbox, and on whole processes.
 * Every step runs whatever the others said, so that one run tells all; the last line is the sum.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where vitest writes its totals. */
  readonly report?: string;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

const root = resolve(import.meta.dirname, '..');
const sources = ['src', 'test', 'tools', 'config', 'bench'];
const reports = mkdtempSync(join(tmpdir(), 'minnow-check-'));

function bin(name: string, ...args: string[]): Pick<Step, 'command' | 'args'> {
  return { command: resolve(root, 'node_modules/.bin', name), args };
}

function node(...args: string[]): Pick<Step, 'command' | 'args'> {
  return { command: process.execPath, args };
}

function tests(name: string, ...projects: string[]): Step {
  const report = join(reports, `${name.replaceAll(' ', '-')}.json`);
  const selected = projects.flatMap(project => ['--project', project]);
  const output = ['--reporter', 'default', '--reporter', 'json', '--outputFile.json', report];
  return {
    name,
    report,
    ...bin('vitest', 'run', '--config', 'config/vitest.config.ts', ...selected, ...output),
  };
}

/** Steps of one stage run side by side and print when they end; stages one after another. */
const rules: readonly (readonly Step[])[] = [
  [
    { name: 'types', ...bin('tsc', '--noEmit', '-p', '.') },
    {
      name: 'lint',
      ...bin('oxlint', '--config', 'config/oxlint.json', '--type-aware', '--deny-warnings', ...sources),
    },
    {
      name: 'format',
      ...bin('prettier', '--config', 'config/prettier.json', '--check', '--log-level', 'warn', ...sources),
    },
    { name: 'documents', ...node('tools/docs/check.ts') },
  ],
  [tests('unit tests', 'unit', 'architecture')],
];
const suites: readonly (readonly Step[])[] = [
  [tests('suites on real servers', 'stack')],
  [tests('process suites', 'process')],
];

/** A step that is no test counts as one failure when it fails, and not at all when it does not. */
async function run({ name, command, args, report }: Step): Promise<{ passed: number; failed: number }> {
  const started = performance.now();
  const output = report ? 'inherit' : 'pipe';
  const child = spawn(command, [...args], { cwd: root, stdio: ['ignore', output, output] });
  children.add(child);
  child.once('close', () => children.delete(child));
  const ended = once(child, 'close') as Promise<[number | null]>;
  process.stdout.write((await Promise.all([textOf(child.stdout), textOf(child.stderr)])).join(''));
  const [code] = await ended;
  console.log(
    `${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - started) / 1_000).toFixed(1)} s)`,
  );
  const { numPassedTests: passed, numFailedTests: failed } = report ? readReport(report) : nothing;
  return { passed, failed: code === 0 ? failed : Math.max(1, failed) };
}

const children = new Set<ChildProcess>();

/** Whoever stops a check does not want its steps to go on without it. */
async function giveUp(signal: NodeJS.Signals): Promise<never> {
  const ended = [...children].map(child => once(child, 'close'));
  for (const child of children) child.kill(signal);
  await Promise.all(ended);
  rmSync(reports, { recursive: true, force: true });
  process.exit(signal === 'SIGINT' ? 130 : 143);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void giveUp(signal));

async function textOf(stream: Readable | null): Promise<string> {
  return stream ? text(stream) : '';
}

const nothing: VitestReport = { numPassedTests: 0, numFailedTests: 0 };

function readReport(file: string): VitestReport {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    return nothing;
  }
}

const totals = { passed: 0, failed: 0 };
for (const stage of process.argv.includes('--all') ? [...rules, ...suites] : rules) {
  for (const { passed, failed } of await Promise.all(stage.map(run))) {
    totals.passed += passed;
    totals.failed += failed;
  }
}
rmSync(reports, { recursive: true, force: true });
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 ? 0 : 1;
