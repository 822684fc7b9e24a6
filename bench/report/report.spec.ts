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

describe('the article', () => {
  const pool = resultOf('pool', { without: 'a <peer>', note: 'Few are enough.', verdicts: [] });
  const table = report([pool]).filter(line => line.startsWith('|'));

  it('is one table over all measures, each against what it is without', () => {
    expect(table.slice(2)).toEqual([
      '| The pool | a <peer> | 1.23 | 12 | 10,000 | 100 |  |  | 10,000 · 10,500 · 9,500 |',
      '|  | minnow | 1.23 | 12 | 20,000 | 50 | 2x | 1x | 20,000 · 21,000 · 19,000 |',
    ]);
  });

  it('says of each whether it pays, and why', () => {
    expect(report([pool])).toContain('- **The pool**: pays, 2x with “minnow”. Few are enough.');
    const useless = report([{ ...pool, without: 'minnow' }]);
    expect(useless).toContain('- **The pool**: does not pay here, 0.5x with “a <peer>”. Few are enough.');
  });

  it('begins with what all measures are worth together', () => {
    const all = report([{ ...pool, name: 'article-all' }]).join('\n');
    expect(all).toContain('1.23 ms → 1.23 ms in the median, 10,000 → 20,000 requests a second (2x)');
  });

  it('claims nothing of a measure that has nothing to be compared with', () => {
    const [side] = pool.measured.sides;
    const measured = { sides: [side!], absent: { 'a <peer>': 'not built' } };
    const lines = report([{ ...pool, name: 'article-all', measured }]).join('\n');
    expect(lines).toContain('not measured');
    expect(lines).toContain('Not available: The pool, a <peer>: not built.');
    expect(lines).not.toContain('20,000');
  });

  it('marks factors whose rounds disagree', () => {
    const [minnow, peer] = pool.measured.sides;
    const rounds = [round(20_000), round(40_000), round(10_000)];
    const measured = { sides: [{ ...minnow!, rounds }, peer!], absent: {} };
    expect(report([{ ...pool, measured }]).join('\n')).toContain('| ~2x |');
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
