/** What a run has found, as it is kept in `bench/results/`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Pace } from '../measure/play-load.ts';
import type { Measured, Verdict } from '../measure/verdict.ts';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
}

export interface ScenarioResult {
  readonly name: string;
  readonly title: string;
  readonly note?: string;
  readonly without?: string;
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly pace: Pace;
  readonly measured: Measured;
  readonly verdicts: readonly Verdict[];
}

const folder = join(import.meta.dirname, '../results');
/** The only one that is committed: what docs/benchmarks.md is made of. */
export const summaryFile = join(folder, 'summary.json');

export function describeMachine(): Machine {
  const all = cpus();
  return {
    processor: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.versions.node,
  };
}

export function readSummary(): ScenarioResult[] {
  return existsSync(summaryFile) ? (JSON.parse(readFileSync(summaryFile, 'utf8')) as ScenarioResult[]) : [];
}

/** Later results take the place of earlier ones of the same scenario; new ones come last. */
export function merge(
  known: readonly ScenarioResult[],
  results: readonly ScenarioResult[],
): readonly ScenarioResult[] {
  const byName = new Map([...known, ...results].map(result => [result.name, result]));
  return [...byName.values()];
}

export function writeJson(file: string, results: readonly ScenarioResult[]): void {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

/** A run under its own name, raw figures and text. Returns the path without an ending. */
export function writeRun(name: string, results: readonly ScenarioResult[], text: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeJson(`${path}.json`, results);
  writeFileSync(`${path}.md`, `${text.join('\n')}\n`);
  return path;
}
