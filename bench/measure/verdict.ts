/** Passes or falls short: each expectation of a scenario against what was measured. */
import type { Expectation, Figures, Scenario } from '../scenario.ts';
import { median, pairedRatios, spread } from './statistics.ts';

/** Figures round by round. */
export interface MeasuredSide {
  readonly label: string;
  readonly rounds: readonly Partial<Figures>[];
}

export interface Measured {
  readonly sides: readonly MeasuredSide[];
  /** Sides that the shop cannot play yet, and why. */
  readonly absent: Readonly<Record<string, string>>;
}

export type Outcome = 'pass' | 'falls short' | 'not available';

export interface Verdict {
  readonly scenario: string;
  readonly expectation: Expectation;
  readonly outcome: Outcome;
  /** The figure, or the median of its ratios round by round; of `everyRound` the worst. */
  readonly value?: number;
  /** Rounds disagree by more than a fifth: measure again on a quiet machine before believing it. */
  readonly unsteady?: boolean;
  readonly because?: string;
}

const disagreement = 0.2;

export function judge(scenario: Pick<Scenario, 'name' | 'expectations'>, measured: Measured): Verdict[] {
  return scenario.expectations.map(expectation => {
    const common = { scenario: scenario.name, expectation };
    const because = reasonOfAbsence(expectation, measured);
    if (because !== undefined) return { ...common, outcome: 'not available', because };
    const values = valuesOf(expectation, measured);
    const value = expectation.everyRound ? worst(expectation, values) : median(values);
    const outcome = isMet(expectation, value) ? 'pass' : 'falls short';
    return { ...common, outcome, value, unsteady: spread(values) > disagreement };
  });
}

export function medianOf({ rounds }: MeasuredSide, figure: keyof Figures): number | undefined {
  const values = rounds.map(round => round[figure]).filter(value => value !== undefined);
  return values.length === 0 ? undefined : median(values);
}

function reasonOfAbsence({ of, against }: Expectation, { absent }: Measured): string | undefined {
  return absent[of] ?? (against === undefined ? undefined : absent[against]);
}

function valuesOf({ figure, of, against }: Expectation, measured: Measured): number[] {
  const own = roundsOf(measured, of, figure);
  return against === undefined ? own : pairedRatios(own, roundsOf(measured, against, figure));
}

function roundsOf({ sides }: Measured, label: string, figure: keyof Figures): number[] {
  const side = sides.find(side => side.label === label);
  if (!side) throw new Error(`no side is called ${label}`);
  return side.rounds.map(round => {
    const value = round[figure];
    if (value === undefined) throw new Error(`${figure} of ${label} was not measured`);
    return value;
  });
}

function worst({ atLeast }: Expectation, values: readonly number[]): number {
  return atLeast === undefined ? Math.max(...values) : Math.min(...values);
}

function isMet({ atLeast = -Infinity, atMost = Infinity }: Expectation, value: number): boolean {
  return value >= atLeast && value <= atMost;
}
