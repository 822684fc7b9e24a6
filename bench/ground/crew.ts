/** What the processes on one port say of themselves, added up by their primary. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Side } from '../scenario.ts';
import type { Server } from './servers.ts';

const completeWithinMs = 60_000;
const pollMs = 50;

/** How many processes a side serves with; one that is alone has no crew. */
export function crewSize({ env }: Side): number {
  return Number(env?.['WEB_CONCURRENCY'] ?? 1);
}

/** Resolves when all of them serve: the first one answers before the others are there. */
export async function untilComplete(server: Server, side: Side): Promise<void> {
  const size = crewSize(side);
  if (size === 1) return;
  const deadline = performance.now() + completeWithinMs;
  while (sum(await scrape(server), 'web_processes') < size) {
    if (performance.now() > deadline) throw new Error(`${side.label} has not ${size} processes`);
    await delay(pollMs);
  }
}

/** Values that the cache of product details has read from PostgreSQL, and requests answered by each process. */
export interface Counts {
  readonly databaseLoads: number;
  readonly requests: readonly number[];
}

export async function countsOf(server: Server): Promise<Counts> {
  const metrics = await scrape(server);
  return {
    databaseLoads: sum(metrics, 'cache_loads_total', 'cache="catalog.product"'),
    requests: valuesOf(metrics, 'web_process_requests_total'),
  };
}

export function between(before: Counts, after: Counts): Counts {
  return {
    databaseLoads: after.databaseLoads - before.databaseLoads,
    requests: after.requests.map((count, index) => count - (before.requests[index] ?? 0)),
  };
}

/** How far the busiest and the idlest are apart, as a share of what each would have if all had the same. */
export function imbalanceOf({ requests }: Counts): number {
  const mean = requests.reduce((total, count) => total + count, 0) / requests.length;
  return (Math.max(...requests) - Math.min(...requests)) / mean;
}

async function scrape({ managementUrl }: Server): Promise<string> {
  return (await fetch(`${managementUrl}/metrics`)).text();
}

function sum(metrics: string, name: string, labels = ''): number {
  return valuesOf(metrics, name, labels).reduce((total, value) => total + value, 0);
}

/** In the order in which they stand there. */
export function valuesOf(metrics: string, name: string, labels = ''): number[] {
  const samples = metrics
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return samples.filter(line => line.includes(labels)).map(line => Number(line.split(' ').at(-1)));
}
