import { AppError } from '../../kernel/app-error.js';
import type { CacheConfig } from './cache.config.js';
import type { CacheCounts, Occupancy } from './cache-metrics.js';
import { assertSpec, type CacheSpec, type Slot } from './cache-spec.js';
import { isFresh, isServable, isUsable, type Entry } from './entry.js';
import { MemoryTier } from './memory-tier.js';
import type { SharedTier } from './shared-tier.js';
import type { Load, ValueReader } from './value-reader.js';

/** One read of a value for all who want it meanwhile. */
interface Flight<T> {
  readonly tags: readonly string[];
  /** What it reads may be from before an invalidation: good for who asked before, not for keeping. */
  outdated: boolean;
  found: 'shared' | 'miss' | 'stale';
  result?: Promise<T | null>;
}

const newFlight = <T>({ tags }: Slot): Flight<T> => ({ tags, outdated: false, found: 'miss' });

export interface CacheParts<T> {
  readonly config: CacheConfig;
  readonly shared: SharedTier<T>;
  readonly reader: ValueReader<T>;
  readonly counts: CacheCounts;
}

/**
 * One kind of value in two tiers: this process's memory, found synchronously, and Redis. Promise: a value is never
 * older than `ttlMs + staleMs`, or `ttlMs + errorMs` while it cannot be read, whatever was lost on the way; it is read
 * once for all who ask at the same time, in this process and, while Redis is there, in all of them.
 */
export class Cache<T> {
  private readonly memory: MemoryTier<T>;
  private readonly flights = new Map<string, Flight<T>>();

  constructor(
    private readonly spec: CacheSpec<T>,
    private readonly parts: CacheParts<T>,
  ) {
    assertSpec(spec);
    this.memory = new MemoryTier(parts.config, spec.forms);
  }

  get occupancy(): Occupancy {
    return { name: this.spec.name, entries: this.memory.size, bytes: this.memory.bytes };
  }

  /** What is fresh in this process, or stale and being read already; undefined for anything that takes a wait. */
  peek({ key }: Slot): T | null | undefined {
    const entry = this.memory.find(key);
    if (!entry) return undefined;
    if (isFresh(entry)) {
      this.parts.counts.requests.hit.inc();
      return entry.value;
    }
    if (!isServable(entry) || !this.flights.has(key)) return undefined;
    this.parts.counts.requests.stale.inc();
    return entry.value;
  }

  /** What this process has that can be sent at once: fresh, or stale, which `load` then reads again in the background. */
  held(slot: Slot, load: Load<T>): T | null | undefined {
    const here = this.peek(slot);
    if (here !== undefined) return here;
    const entry = this.memory.find(slot.key);
    if (!entry || !isServable(entry)) return undefined;
    this.fly(slot, load).result?.catch(() => undefined);
    this.parts.counts.requests.stale.inc();
    return entry.value;
  }

  /**
   * The value, read by `load` when it is nowhere; `load` returns null for what does not exist.
   * @throws whatever `load` throws when nothing can stand in, CacheBusy (unavailable)
   */
  async get(slot: Slot, load: Load<T>): Promise<T | null> {
    if (!this.parts.config.enabled) return load();
    const held = this.held(slot, load);
    return held === undefined ? this.counted(this.fly(slot, load)) : held;
  }

  /** Write-through: what the writer knows to be true now, in both tiers; the caller invalidates the slot elsewhere first. */
  async put(slot: Slot, value: T | null): Promise<void> {
    const { shared, reader } = this.parts;
    const { marks } = await shared.find(slot);
    this.keep(slot, reader.store(slot, value, { marks }), newFlight(slot));
  }

  /** What a value of this cache is called among all caches. */
  nameOf({ key }: Slot): string {
    return `${this.spec.name} ${key}`;
  }

  /** Where Redis keeps it. */
  keysOf(slot: Slot): readonly string[] {
    return this.parts.shared.keysOf(slot);
  }

  forget(names: ReadonlySet<string>, tags: ReadonlySet<string>): void {
    const own = `${this.spec.name} `;
    for (const tag of tags) this.memory.forgetTag(tag);
    for (const name of names) if (name.startsWith(own)) this.memory.forget(name.slice(own.length));
    this.outdate(([key, flight]) => names.has(own + key) || flight.tags.some(tag => tags.has(tag)));
  }

  flush(): void {
    this.memory.clear();
    this.outdate(() => true);
  }

  private outdate(isMeant: (flight: [string, Flight<T>]) => boolean): void {
    for (const [key, flight] of [...this.flights].filter(isMeant)) {
      flight.outdated = true;
      this.flights.delete(key);
    }
  }

  private async counted(flight: Flight<T>): Promise<T | null> {
    try {
      return await flight.result!;
    } finally {
      this.parts.counts.requests[flight.found].inc();
    }
  }

  private fly(slot: Slot, load: Load<T>): Flight<T> {
    const flying = this.flights.get(slot.key);
    if (flying) return flying;
    const flight = newFlight<T>(slot);
    this.flights.set(slot.key, flight);
    flight.result = this.fetch(slot, load, flight).finally(() => {
      if (this.flights.get(slot.key) === flight) this.flights.delete(slot.key);
    });
    return flight;
  }

  private async fetch(slot: Slot, load: Load<T>, flight: Flight<T>): Promise<T | null> {
    const { shared, reader } = this.parts;
    const { entry, marks, leftMs } = await shared.find(slot);
    if (entry) this.keep(slot, entry, flight);
    if (entry && isFresh(entry)) {
      flight.found = 'shared';
      return entry.value;
    }
    try {
      const read = await reader.read(slot, load, { marks, leftMs, isOutdated: () => flight.outdated });
      this.keep(slot, read, flight);
      return read.value;
    } catch (error) {
      return this.standIn(slot, flight, error, entry);
    }
  }

  private keep({ key }: Slot, entry: Entry<T>, flight: Flight<T>): void {
    const { localEnabled, maxValueBytes } = this.parts.config;
    if (!localEnabled || flight.outdated || !isUsable(entry) || entry.bytes > maxValueBytes) return;
    this.memory.keep(key, entry);
  }

  /** Better an old answer than none, unless the error is the answer. */
  private standIn({ key }: Slot, flight: Flight<T>, error: unknown, shared?: Entry<T>): T | null {
    const entry = flight.outdated ? undefined : (this.memory.find(key) ?? shared);
    if (!entry || !isUsable(entry) || !isPassing(error)) throw error;
    flight.found = 'stale';
    const pausedUntilMs = performance.now() + this.parts.config.errorPause;
    entry.staleUntilMs = Math.min(entry.usableUntilMs, Math.max(entry.staleUntilMs, pausedUntilMs));
    return entry.value;
  }
}

function isPassing(error: unknown): boolean {
  return !(error instanceof AppError) || error.kind === 'unavailable' || error.kind === 'internal';
}
