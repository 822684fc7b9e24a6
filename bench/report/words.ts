/** Figures as people read them. */
import type { Expectation, Figure } from '../scenario.ts';
import type { Verdict } from '../measure/verdict.ts';

interface Wording {
  readonly name: string;
  readonly unit: string;
}

export const wordings: Readonly<Record<Figure, Wording>> = {
  requestsPerSecond: { name: 'requests', unit: '/s' },
  cpuUsPerRequest: { name: 'CPU per request', unit: ' µs' },
  p50Ms: { name: 'median latency', unit: ' ms' },
  p99Ms: { name: 'p99', unit: ' ms' },
  readyMs: { name: 'ready', unit: ' ms' },
  rssMiB: { name: 'resident memory', unit: ' MiB' },
  imbalance: { name: 'distance of the busiest from the idlest', unit: '' },
  databaseLoads: { name: 'database loads', unit: '' },
  connectionsOpened: { name: 'connections opened', unit: '' },
};

/** Three significant digits, thousands separated: 12,345 · 1.23 · 0.047. */
export function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : 3;
  const format = digits === 0 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: digits };
  return value.toLocaleString('en-US', format);
}

export function claimOf({ figure, of, against, everyRound }: Expectation): string {
  const { name } = wordings[figure];
  const claim = against === undefined ? `${name} of ${of}` : `${name}, ${of} : ${against}`;
  return everyRound ? `${claim}, in every round` : claim;
}

export function boundOf({ figure, against, atLeast, atMost }: Expectation): string {
  const unit = against === undefined ? wordings[figure].unit : 'x';
  if (atLeast !== undefined) return `≥ ${number(atLeast)}${unit}`;
  return atMost === undefined ? '' : `≤ ${number(atMost)}${unit}`;
}

export function valueOf({ expectation, value }: Verdict): string {
  if (value === undefined) return '-';
  const unit = expectation.against === undefined ? wordings[expectation.figure].unit : 'x';
  return `${number(value)}${unit}`;
}
