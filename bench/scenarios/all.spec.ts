import { describe, expect, it } from 'vitest';
import { article } from '../article/measures.ts';
import type { LoadScenario } from '../scenario.ts';
import { named, names, scenarios } from './all.ts';

const all = [...scenarios, ...article];
const loads = all.filter((scenario): scenario is LoadScenario => scenario.kind === 'load');

describe('scenarios', () => {
  it('can each be asked for by a name of their own', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const scenario of all) expect(named(scenario.name)).toEqual([scenario]);
    expect(names).toContain('article');
    expect(named('no-such-scenario')).toBeUndefined();
  });

  it.each(all)('judge sides that play, each by a bound: $name', scenario => {
    const labels = scenario.kind === 'start' ? ['minnow'] : scenario.sides.map(({ label }) => label);
    expect(new Set(labels).size).toBe(labels.length);
    for (const { of, against, atLeast, atMost } of scenario.expectations) {
      expect(labels).toContain(of);
      if (against !== undefined) expect(labels).toContain(against);
      expect(atLeast ?? atMost).toBeGreaterThan(0);
    }
  });

  it.each(loads)('have Minnow first, whose answers are the model: $name', ({ sides }) => {
    expect(sides[0]?.server).toBe('minnow');
  });
});

describe('the article', () => {
  it.each(article)('names the side without the measure: $name', ({ sides, without }) => {
    expect(sides.map(({ label }) => label)).toContain(without);
  });

  it('takes all measures that are asked for, and all of them at once', () => {
    expect(article.map(({ name }) => name)).toEqual([
      'article-all',
      'article-pool',
      'article-prepared',
      'article-cache',
      'article-json',
      'article-concurrency',
      'article-connections',
    ]);
  });
});

/** The table of the fast path, row by row: a bound that is lowered is lowered here as well. */
describe('the bounds', () => {
  it.each([
    ['product-detail-hit', 'requestsPerSecond', 'node:http', { atLeast: 0.5 }],
    ['product-detail-hit', 'requestsPerSecond', 'usual Nest', { atLeast: 10 }],
    ['product-detail-miss', 'requestsPerSecond', 'bare Fastify', { atLeast: 1.5 }],
    ['product-list-hit', 'requestsPerSecond', 'node:http', { atLeast: 0.45 }],
    ['product-list-miss', 'requestsPerSecond', 'usual Nest', { atLeast: 3 }],
    ['not-modified', 'cpuUsPerRequest', '200', { atMost: 1 }],
    ['login', 'requestsPerSecond', 'usual Nest', { atLeast: 2 }],
    ['cart-write', 'requestsPerSecond', 'usual Nest', { atLeast: 2 }],
    ['order-create', 'requestsPerSecond', 'usual Nest', { atLeast: 2 }],
    ['tracing', 'cpuUsPerRequest', 'off', { atMost: 1.25 }],
    ['metrics', 'cpuUsPerRequest', 'off', { atMost: 1.05 }],
    ['logging', 'cpuUsPerRequest', 'off', { atMost: 1.2 }],
    ['processes', 'cpuUsPerRequest', 'one', { atMost: 1.05 }],
    ['pool-spike', 'p99Ms', 'pg-pool', { atMost: 0.25 }],
    ['pool-spike', 'connectionsOpened', 'pg-pool', { atMost: 0.1 }],
    ['many-products-detail', 'requestsPerSecond', 'many', { atMost: 1.2 }],
    ['many-products-list', 'requestsPerSecond', 'many', { atMost: 1.2 }],
    ['processes', 'imbalance', undefined, { atMost: 0.1 }],
    ['cold-clients', 'databaseLoads', undefined, { atMost: 1, everyRound: true }],
    ['start', 'rssMiB', undefined, { atMost: 190 }],
    ['start', 'readyMs', undefined, { atMost: 1_500 }],
  ])('of %s are those that were promised: %s against %s', (name, figure, against, bound) => {
    const { expectations } = named(name)![0]!;
    const found = expectations.find(row => row.figure === figure && row.against === against);
    expect(found).toMatchObject(bound);
  });
});
