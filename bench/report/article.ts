/** "Why is my backend slow?": what each measure of the article is worth, in one table, and what all are worth together. */
import { table } from '../../tools/docs/markdown.ts';
import { medianOf, type MeasuredSide } from '../measure/verdict.ts';
import { median, pairedRatios, spread } from '../measure/statistics.ts';
import type { Figure } from '../scenario.ts';
import type { ScenarioResult } from './results.ts';
import { number } from './words.ts';

/** A measure whose best side is not so much better than nothing is not worth its trouble, nor told from noise. */
const worthwhile = 1.1;
const disagreement = 0.2;

export function articleReport(results: readonly ScenarioResult[]): string[] {
  if (results.length === 0) return [];
  const head = ['Measure', '', 'p50 (ms)', 'p99 (ms)', 'requests (/s)', 'CPU per request (µs)'];
  return [
    '### The article: each measure off and on',
    '',
    ...results.flatMap(headline),
    ...table([...head, 'throughput', 'p50 latency', 'rounds (/s)'], results.flatMap(rowsOf)),
    '',
    'Factors are against the first line of each measure, round by round; `~` says that rounds disagree.',
    '',
    ...results.map(sentence),
    '',
    ...results.flatMap(absences),
  ];
}

/** What the article has in its headline, of the measure that is all of them. */
function headline(result: ScenarioResult): string[] {
  const [before, after] = sidesOf(result);
  if (result.name !== 'article-all' || !before || !after) return [];
  const [slow, fast] = [before, after].map(side => `${cell(side, 'p50Ms')} ms`);
  const [few, many] = [before, after].map(side => cell(side, 'requestsPerSecond'));
  const factor = number(factorOf('requestsPerSecond', after, before).value);
  return [
    `**Before and after: ${slow} → ${fast} in the median, ${few} → ${many} requests a second (${factor}x), ` +
      'on one core.** The article has 800 ms → 120 ms.',
    '',
  ];
}

function rowsOf(result: ScenarioResult): string[][] {
  const [without, ...others] = sidesOf(result);
  if (!without) return [];
  const rounds = (side: MeasuredSide): string =>
    side.rounds.map(round => number(round.requestsPerSecond ?? NaN)).join(' · ');
  const figures = (side: MeasuredSide): string[] =>
    (['p50Ms', 'p99Ms', 'requestsPerSecond', 'cpuUsPerRequest'] as const).map(figure => cell(side, figure));
  return [
    [result.title, without.label, ...figures(without), '', '', rounds(without)],
    ...others.map(side => [
      '',
      side.label,
      ...figures(side),
      told(factorOf('requestsPerSecond', side, without)),
      told(factorOf('p50Ms', side, without)),
      rounds(side),
    ]),
  ];
}

/** Whether it pays, and why that is so. */
function sentence(result: ScenarioResult): string {
  const { title, note = '' } = result;
  const [without, ...others] = sidesOf(result);
  if (!without) return `- **${title}**: not measured. ${note}`;
  const factors = others.map(side => ({ side, ...factorOf('requestsPerSecond', side, without) }));
  const best = factors.reduce((one, other) => (other.value > one.value ? other : one));
  const pays = best.value >= worthwhile ? 'pays' : 'does not pay here';
  return `- **${title}**: ${pays}, ${told(best)} with “${best.side.label}”. ${note}`;
}

function absences({ title, measured }: ScenarioResult): string[] {
  const absent = Object.entries(measured.absent);
  return absent.map(([label, reason]) => `Not available: ${title}, ${label}: ${reason}.`);
}

/** The one without the measure first; none if there is nothing to compare it with. */
function sidesOf({ measured: { sides }, without }: ScenarioResult): readonly MeasuredSide[] {
  const off = sides.filter(({ label }) => label === without);
  const on = sides.filter(({ label }) => label !== without);
  return off.length > 0 && on.length > 0 ? [...off, ...on] : [];
}

interface Factor {
  readonly value: number;
  readonly unsteady: boolean;
}

function factorOf(figure: Figure, of: MeasuredSide, against: MeasuredSide): Factor {
  const values = (side: MeasuredSide): number[] => side.rounds.map(round => round[figure] ?? NaN);
  const ratios = pairedRatios(values(of), values(against));
  return { value: median(ratios), unsteady: spread(ratios) > disagreement };
}

function told({ value, unsteady }: Factor): string {
  return `${unsteady ? '~' : ''}${number(value)}x`;
}

function cell(side: MeasuredSide, figure: Figure): string {
  const value = medianOf(side, figure);
  return value === undefined ? '-' : number(value);
}
