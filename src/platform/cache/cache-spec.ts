/** How a value becomes text and a value again; `decode` throws for text that is none. */
export interface Codec<T> {
  encode(value: T): string;
  decode(text: string): T;
}

/**
 * What a cache holds and how old it may get. After `ttlMs` a value is stale: for `staleMs` it is served while a new one
 * is read, and for `errorMs` it stands in when none can be read. `null` says that there is no such thing, and is
 * believed for `negativeTtlMs`.
 */
export interface CacheSpec<T> {
  /** The label of its metrics and part of its keys, such as `catalog.product`. */
  readonly name: string;
  /** Of what `codec` writes: processes of another version neither read nor disturb it. */
  readonly version: string;
  readonly codec: Codec<T>;
  /** How many forms of a value are held beside each other, each at most as large as what `codec` writes; default 1. */
  readonly forms?: number;
  readonly ttlMs: number;
  readonly negativeTtlMs?: number;
  readonly staleMs?: number;
  readonly errorMs?: number;
}

/** One value's place, and what may change it. Tags follow from the key: they must be known before the value is. */
export interface Slot {
  readonly key: string;
  readonly tags: readonly string[];
}

/** No value outlives this, so that the marks of invalidations, which live longer, cannot be outlived. */
export const longestLifeMs = 3_600_000;

/** How long a value can be of any use, from its reading on. */
export function lifeMs<T>(spec: CacheSpec<T>, value: T | null): number {
  if (value === null) return spec.negativeTtlMs ?? 0;
  return spec.ttlMs + Math.max(spec.staleMs ?? 0, spec.errorMs ?? 0);
}

/** @throws Error at start, for whoever declares it */
export function assertSpec<T>(spec: CacheSpec<T>): void {
  if (!/^[a-z][a-z0-9.-]*$/.test(spec.name)) throw new Error(`not a name of a cache: ${spec.name}`);
  const life = lifeMs(spec, {} as T);
  if (life > longestLifeMs) throw new Error(`${spec.name} keeps values for ${life} ms`);
}
