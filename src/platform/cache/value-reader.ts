import { poll } from '../concurrency/poll.js';
import type { CacheConfig } from './cache.config.js';
import { CacheBusy } from './cache.errors.js';
import type { CacheCounts } from './cache-metrics.js';
import { lifeMs, type CacheSpec, type Slot } from './cache-spec.js';
import { isFresh, makeEntry, type Entry } from './entry.js';
import type { LoadGate } from './load-gate.js';
import type { SharedTier } from './shared-tier.js';

/** Reads a value from where it is true; null when there is no such thing. */
export type Load<T> = () => Promise<T | null>;

export interface ReadOptions {
  /** Absent while Redis is away: then this process is on its own. */
  readonly marks?: readonly string[];
  /** How long Redis keeps what it had there when it was asked. */
  readonly leftMs: number;
  readonly isOutdated: () => boolean;
}

interface StoreOptions {
  readonly marks?: readonly string[];
  readonly token?: string;
  readonly ageMs?: number;
}

export interface ReaderParts<T> {
  readonly config: CacheConfig;
  readonly gate: LoadGate;
  readonly shared: SharedTier<T>;
  readonly counts: CacheCounts;
}

/**
 * Reads what no tier has: one process for all, by a lock in Redis that may be lost at any time: whoever finds it free
 * or waits too long reads too. The number of reads at once is bounded with and without Redis.
 */
export class ValueReader<T> {
  constructor(
    private readonly spec: CacheSpec<T>,
    private readonly parts: ReaderParts<T>,
  ) {}

  async read(slot: Slot, load: Load<T>, options: ReadOptions): Promise<Entry<T>> {
    const turn = await this.turn(slot, options);
    if (typeof turn === 'object') return turn;
    const startedMs = performance.now();
    try {
      const value = await this.load(load);
      const ageMs = performance.now() - startedMs;
      const marks = options.isOutdated() ? undefined : options.marks;
      return this.store(slot, value, { marks, token: turn, ageMs });
    } catch (error) {
      this.giveUp(slot, turn);
      throw error;
    }
  }

  /** The entry of a value that is true now; Redis learns of it meanwhile, if `marks` say that it is there. */
  store(slot: Slot, value: T | null, { marks, token, ageMs = 0 }: StoreOptions): Entry<T> {
    const { config, shared } = this.parts;
    const body = value === null ? null : this.spec.codec.encode(value);
    const bytes = body === null ? 0 : Buffer.byteLength(body);
    const stored = marks &&
      bytes <= config.maxValueBytes && { body, marks, lifeMs: lifeMs(this.spec, value) };
    if (stored && stored.lifeMs > ageMs) void shared.write(slot, stored, { ageMs, token });
    else this.giveUp(slot, token);
    return makeEntry(this.spec, value, { ageMs, bytes, tags: slot.tags, jitter: config.ttlJitter });
  }

  /** A token to read with, undefined to read without, or the value, because another process has read it. */
  private async turn(slot: Slot, { marks, leftMs }: ReadOptions): Promise<Entry<T> | string | undefined> {
    const { config, shared } = this.parts;
    if (!marks || !config.shareLoads) return undefined;
    const token = await shared.lock(slot, config.loadLock, leftMs);
    if (token !== null) return token;
    return (await poll(() => this.valueOrLock(slot), config.sharedLoadWait)) || undefined;
  }

  /** The empty token, which is none, when Redis has gone meanwhile. */
  private async valueOrLock(slot: Slot): Promise<Entry<T> | string | null> {
    const { config, shared } = this.parts;
    const { entry, leftMs } = await shared.find(slot);
    if (entry && isFresh(entry)) return entry;
    const token = await shared.lock(slot, config.loadLock, leftMs);
    return token === undefined ? '' : token;
  }

  private async load(load: Load<T>): Promise<T | null> {
    const { gate, counts } = this.parts;
    try {
      const value = await gate.run(load);
      counts.loads.ok.inc();
      return value;
    } catch (error) {
      counts.loads[error instanceof CacheBusy ? 'refused' : 'error'].inc();
      throw error;
    }
  }

  private giveUp(slot: Slot, token: string | undefined): void {
    if (token !== undefined) void this.parts.shared.unlock(slot, token);
  }
}
