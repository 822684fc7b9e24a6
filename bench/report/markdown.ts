/** Tables of what was measured: for the terminal's reader, for `bench/results/` and for docs/benchmarks.md. */
import { table } from '../../tools/docs/markdown.ts';
import { medianOf, type MeasuredSide, type Verdict } from '../measure/verdict.ts';
import type { Figure } from '../scenario.ts';
import { articleReport } from './article.ts';
import type { ScenarioResult } from './results.ts';
import { boundOf, claimOf, number, valueOf, wordings } from './words.ts';

/** One row for each expectation; a scenario without any has one row that says why, if there is a reason. */
export function verdictTable(results: readonly ScenarioResult[]): string[] {
  const rows = results.flatMap(result => result.verdicts.map(verdict => verdictRow(result, verdict)));
  return table(['Scenario', 'Measured', 'Must reach', 'Comes out at', 'Verdict'], rows);
}

function verdictRow({ title }: ScenarioResult, verdict: Verdict): string[] {
  const { expectation } = verdict;
  return [title, claimOf(expectation), boundOf(expectation), valueOf(verdict), outcomeOf(verdict)];
}

function outcomeOf({ outcome, because, unsteady }: Verdict): string {
  if (because !== undefined) return `${outcome}: ${because}`;
  return unsteady ? `${outcome}, rounds disagree` : outcome;
}

const loadFigures: readonly Figure[] = ['requestsPerSecond', 'cpuUsPerRequest', 'p50Ms', 'p99Ms'];
const burstFigures: readonly Figure[] = ['databaseLoads', 'p50Ms', 'p99Ms'];
const startFigures: readonly Figure[] = ['readyMs', 'rssMiB'];
const spikeFigures: readonly Figure[] = ['p99Ms', 'p50Ms', 'connectionsOpened'];
const crewFigures: readonly Figure[] = [...loadFigures, 'imbalance'];

/** What has been measured tells what kind of scenario it was. */
function figuresOf(sides: readonly MeasuredSide[]): readonly Figure[] {
  const has = (figure: Figure): boolean => sides.some(({ rounds }) => rounds[0]?.[figure] !== undefined);
  if (has('readyMs')) return startFigures;
  if (has('databaseLoads')) return burstFigures;
  if (has('connectionsOpened')) return spikeFigures;
  return has('imbalance') ? crewFigures : loadFigures;
}

/** The medians of every side and the raw rounds behind the first of them. */
export function figures(result: ScenarioResult): string[] {
  const { title, note, measured } = result;
  const absences = Object.entries(measured.absent).map(([label, reason]) => `- ${label}: ${reason}`);
  const shown = figuresOf(measured.sides);
  const head = ['Side', ...shown.map(headOf), 'rounds'];
  const rows = measured.sides.map(side => [
    side.label,
    ...shown.map(figure => cellOf(side, figure)),
    side.rounds.map(round => number(round[shown[0]!] ?? NaN)).join(' · '),
  ]);
  return [
    `### ${title}`,
    '',
    ...(rows.length > 0 ? [...table(head, rows), ''] : []),
    ...(note === undefined ? [] : [note, '']),
    ...(absences.length > 0 ? ['Not available:', '', ...absences, ''] : []),
  ];
}

function headOf(figure: Figure): string {
  const { name, unit } = wordings[figure];
  return unit === '' ? name : `${name} (${unit.trim()})`;
}

function cellOf(side: MeasuredSide, figure: Figure): string {
  const value = medianOf(side, figure);
  return value === undefined ? '-' : number(value);
}

export function machineLine({ machine, pace, measuredAt }: ScenarioResult): string {
  const { processor, cores, memoryGiB, node } = machine;
  const day = measuredAt.slice(0, 10);
  return (
    `${day}, ${processor}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, ` +
    `${pace.rounds} rounds of ${pace.seconds} s`
  );
}

export function report(results: readonly ScenarioResult[]): string[] {
  const [article, others] = [results.filter(isOfArticle), results.filter(result => !isOfArticle(result))];
  const judged = others.filter(({ verdicts }) => verdicts.length > 0);
  const machines = new Set(results.map(machineLine));
  return [
    ...[...machines].map(line => `Measured ${line}.`),
    '',
    ...(judged.length > 0 ? [...verdictTable(judged), ''] : []),
    ...articleReport(article),
    ...others.flatMap(figures),
  ];
}

function isOfArticle({ without }: ScenarioResult): boolean {
  return without !== undefined;
}
