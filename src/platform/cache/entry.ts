import { lifeMs, type CacheSpec } from './cache-spec.js';

/** A value with its times, all of the monotonic clock: moving the wall clock expires nothing. */
export interface Entry<T> {
  readonly value: T | null;
  readonly bytes: number;
  readonly tags: readonly string[];
  readonly freshUntilMs: number;
  /** Until then it may be served while it is read again; moves on while it stands in for what cannot be read. */
  staleUntilMs: number;
  readonly usableUntilMs: number;
}

export interface EntryOptions {
  readonly ageMs: number;
  readonly bytes: number;
  readonly tags: readonly string[];
  readonly jitter: number;
}

export function makeEntry<T>(
  spec: CacheSpec<T>,
  value: T | null,
  { ageMs, jitter, ...rest }: EntryOptions,
): Entry<T> {
  const bornMs = performance.now() - ageMs;
  const ttlMs = value === null ? (spec.negativeTtlMs ?? 0) : spec.ttlMs;
  const staleMs = value === null ? 0 : (spec.staleMs ?? 0);
  return {
    value,
    ...rest,
    // Jitter only takes away: how old a value may get is a promise.
    freshUntilMs: bornMs + ttlMs * (1 - Math.random() * jitter),
    staleUntilMs: bornMs + ttlMs + staleMs,
    usableUntilMs: bornMs + lifeMs(spec, value),
  };
}

export function isFresh({ freshUntilMs }: Entry<unknown>): boolean {
  return performance.now() < freshUntilMs;
}

/** Old, and good enough until a new one is there. */
export function isServable({ staleUntilMs }: Entry<unknown>): boolean {
  return performance.now() < staleUntilMs;
}

/** Good enough where nothing better can be had. */
export function isUsable({ usableUntilMs }: Entry<unknown>): boolean {
  return performance.now() < usableUntilMs;
}
