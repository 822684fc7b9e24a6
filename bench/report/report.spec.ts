import { describe, expect, it } from 'vitest';
import { judge } from '../measure/verdict.ts';
import type { Expectation, Figures } from '../scenario.ts';
import { chart } from './chart.ts';
import { figures, report, verdictTable } from './markdown.ts';
import { merge, type ScenarioResult } from './results.ts';
import { number } from './words.ts';

const machine = { processor: 'any', cores: 2, memoryGiB: 8, system: 'linux', node: '24.21.0' };

function round(requestsPerSecond: number): Partial<Figures> {
  return { requestsPerSecond, cpuUsPerRequest: 1e6 / requestsPerSecond, p50Ms: 1.234, p99Ms: 12 };
}

function resultOf(name: string, more: Partial<ScenarioResult> = {}): ScenarioResult {
  const sides = [
    { label: 'minnow', rounds: [round(20_000), round(21_000), round(19_000)] },
    { label: 'a <peer>', rounds: [round(10_000), round(10_500), round(9_500)] },
  ];
  const expectations: Expectation[] = [
    { figure: 'requestsPerSecond', of: 'minnow', against: 'a <peer>', atLeast: 2 },
    { figure: 'p99Ms', of: 'minnow', atMost: 10 },
  ];
  const measured = { sides, absent: {} };
  const verdicts = judge({ name, expectations }, measured);
  const pace = { rounds: 3, seconds: 5 };
  const measuredAt = '2026-11-25T00:00:00.000Z';
  return { name, title: `The ${name}`, measuredAt, machine, pace, measured, verdicts, ...more };
}

function absent(name: string): ScenarioResult {
  const measured = { sides: [], absent: { minnow: 'not built' } };
  const expectations: Expectation[] = [{ figure: 'requestsPerSecond', of: 'minnow', atLeast: 1 }];
  return resultOf(name, { measured, verdicts: judge({ name, expectations }, measured) });
}

describe('a report', () => {
  it('has a line for each expectation, with what was asked, what came out and what that means', () => {
    expect(verdictTable([resultOf('one'), absent('two')]).slice(2)).toEqual([
      '| The one | requests, minnow : a <peer> | ≥ 2x | 2x | pass |',
      '| The one | p99 of minnow | ≤ 10 ms | 12 ms | falls short |',
      '| The two | requests of minnow | ≥ 1/s | - | not available: not built |',
    ]);
  });

  it('says which verdicts are not to be believed yet', () => {
    const { verdicts } = resultOf('one');
    const noisy = resultOf('one', { verdicts: [{ ...verdicts[0]!, unsteady: true }] });
    expect(verdictTable([noisy]).at(-1)).toContain('| pass, rounds disagree |');
  });

  it('shows raw rounds beside medians, so that nobody has to believe a median', () => {
    expect(figures(resultOf('one'))).toContain(
      '| minnow | 20,000 | 50 | 1.23 | 12 | 20,000 · 21,000 · 19,000 |',
    );
  });

  it('shows of a spike what was waited and what was opened', () => {
    const rounds = [{ p50Ms: 13, p99Ms: 25, connectionsOpened: 0 }];
    const measured = { sides: [{ label: 'minnow', rounds }], absent: {} };
    expect(figures(resultOf('spike', { measured })).slice(2, 5)).toEqual([
      '| Side | p99 (ms) | median latency (ms) | connections opened | rounds |',
      '| --- | --- | --- | --- | --- |',
      '| minnow | 25 | 13 | 0 | 25 |',
    ]);
  });

  it('leaves nothing out that could not be measured', () => {
    expect(report([absent('two')]).join('\n')).toContain('- minnow: not built');
  });

  it('names the machine, without which figures mean nothing', () => {
    expect(report([resultOf('one')])[0]).toBe(
      'Measured 2026-11-25, any, 2 cores, 8 GiB, Node 24.21.0, 3 rounds of 5 s.',
    );
  });

  it('writes numbers as they are read', () => {
    expect([12_345.6, 123.4, 1.234, 0.0471].map(number)).toEqual(['12,346', '123', '1.23', '0.0471']);
  });
});

describe('a chart', () => {
  const svg = chart([resultOf('one'), absent('two')]);

  it('is as long as what it shows, in each scenario by itself', () => {
    const lengths = [...svg.matchAll(/<rect [^>]*width="(\d+)"/g)].map(([, length]) => Number(length));
    expect(lengths).toHaveLength(2);
    expect(lengths[0]! / lengths[1]!).toBeCloseTo(2, 1);
  });

  it('is XML whatever sides are called', () => {
    expect(svg).toContain('>a &lt;peer&gt;</text>');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('shows no bar for what was not measured', () => {
    expect(svg).not.toContain('The two');
  });
});

describe('the summary', () => {
  it('keeps what was not measured again', () => {
    const again = { ...resultOf('one'), measuredAt: 'later' };
    const merged = merge([resultOf('one'), resultOf('two')], [again, resultOf('three')]);
    expect(merged.map(({ name, measuredAt }) => [name, measuredAt === 'later'])).toEqual([
      ['one', true],
      ['two', false],
      ['three', false],
    ]);
  });
});
