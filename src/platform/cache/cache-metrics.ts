import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { gaugeWhenScraped } from '../metrics/when-scraped.js';
import { CacheConfig } from './cache.config.js';
import { LoadGate } from './load-gate.js';

/** What a request found: `hit` in this process, `shared` in Redis, `stale` an old value, `miss` nothing. */
const outcomes = ['hit', 'shared', 'stale', 'miss'] as const;
/** How a read of PostgreSQL ended; `refused` found too many others waiting. */
const loadOutcomes = ['ok', 'error', 'refused'] as const;

type Outcome = (typeof outcomes)[number];
type LoadOutcome = (typeof loadOutcomes)[number];

/** The counters of one cache, bound once: resolving labels costs more than the hit that is counted. */
export interface CacheCounts {
  readonly requests: Readonly<Record<Outcome, Counter.Internal>>;
  readonly loads: Readonly<Record<LoadOutcome, Counter.Internal>>;
  /** Of Redis: changed on the way, or not of this version. */
  readonly corrupt: Counter.Internal;
}

export interface Occupancy {
  readonly name: string;
  readonly entries: number;
  readonly bytes: number;
}

@Injectable()
export class CacheMetrics {
  readonly redisFailures = new Counter({
    name: 'cache_redis_failures_total',
    help: 'Times the cache went on without Redis because it failed or was slow',
  });
  readonly invalidations = new Counter({
    name: 'cache_invalidations_total',
    help: 'Invalidations made here or heard of from other processes',
    labelNames: ['origin'],
  });
  readonly flushes = new Counter({
    name: 'cache_flushes_total',
    help: 'Times everything in this process was dropped because an invalidation may have been missed',
    labelNames: ['reason'],
  });
  private readonly requests = new Counter({
    name: 'cache_requests_total',
    help: 'Reads by cache and by what they found: hit here, shared in Redis, stale, miss',
    labelNames: ['cache', 'outcome'],
  });
  private readonly loads = new Counter({
    name: 'cache_loads_total',
    help: 'Values read anew, by cache and outcome',
    labelNames: ['cache', 'outcome'],
  });
  private readonly corrupt = new Counter({
    name: 'cache_corrupt_values_total',
    help: 'Values in Redis that could not be read and were dropped',
    labelNames: ['cache'],
  });
  private readonly caches: (() => Occupancy)[] = [];

  constructor(config: CacheConfig, gate: LoadGate) {
    this.showOccupancy('cache_entries', 'Values held in this process', ({ entries }) => entries);
    this.showOccupancy('cache_bytes', 'Bytes of values held in this process', ({ bytes }) => bytes);
    gaugeWhenScraped(
      'cache_entries_max',
      'Most values of one cache in this process',
      () => config.maxEntries,
    );
    gaugeWhenScraped(
      'cache_bytes_max',
      'Most bytes of values of one cache in this process',
      () => config.maxBytes,
    );
    gaugeWhenScraped('cache_loads_running', 'Values being read anew', () => gate.running);
    gaugeWhenScraped('cache_loads_running_max', 'Most values read anew at once', () => config.maxLoads);
    gaugeWhenScraped('cache_loads_waiting', 'Reads that wait for their turn', () => gate.waiting);
    gaugeWhenScraped(
      'cache_loads_waiting_max',
      'Most reads that may wait for their turn',
      () => config.maxWaitingLoads,
    );
  }

  countsOf(cache: string): CacheCounts {
    const request = (outcome: Outcome) => this.requests.labels(cache, outcome);
    const load = (outcome: LoadOutcome) => this.loads.labels(cache, outcome);
    return {
      requests: {
        hit: request('hit'),
        shared: request('shared'),
        stale: request('stale'),
        miss: request('miss'),
      },
      loads: { ok: load('ok'), error: load('error'), refused: load('refused') },
      corrupt: this.corrupt.labels(cache),
    };
  }

  watch(cache: () => Occupancy): void {
    this.caches.push(cache);
  }

  private showOccupancy(name: string, help: string, read: (occupancy: Occupancy) => number): void {
    const { caches } = this;
    new Gauge({
      name,
      help,
      labelNames: ['cache'],
      collect() {
        for (const occupancy of caches.map(cache => cache()))
          this.set({ cache: occupancy.name }, read(occupancy));
      },
    });
  }
}
