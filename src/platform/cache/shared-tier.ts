import type { Cache as CacheManager } from 'cache-manager';
import { newId } from '../../kernel/id.js';
import type { CacheRedis } from './cache-redis.js';
import type { CacheSpec, Slot } from './cache-spec.js';
import { makeEntry, type Entry } from './entry.js';
import { lockOf, type Shelved, type ToShelve } from './keyv-redis-store.js';
import { pack, unpack, type StoredValue } from './stored-value.js';

export interface SharedOptions {
  readonly keyPrefix: string;
  readonly jitter: number;
  readonly onCorrupt: () => void;
}

export interface Found<T> {
  readonly entry?: Entry<T>;
  /** How long Redis keeps whatever it has there; less than nothing when there is nothing. */
  readonly leftMs: number;
  /** The marks of the slot's tags now, for whoever reads the value next; absent while Redis is away. */
  readonly marks?: readonly string[];
}

export interface WriteOptions {
  readonly ageMs: number;
  /** Of the lock under which the value was read. */
  readonly token?: string;
}

/** A tag that was never invalidated, or so long ago that no value is left from before. */
const unmarked = '0';

const nothingLeft = -2;

/** Not under what has been put there since one looked: its reading is over, and there need not be another. */
const lock = `
  if redis.call('pttl', KEYS[2]) > tonumber(ARGV[3]) then return false end
  return redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX')`;

const unlock = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

export const markOf = (keyPrefix: string, tag: string): string => `${keyPrefix}:cache-tag:${tag}`;

/**
 * The values of one cache in Redis, for all processes. A value counts only while the marks of its tags are those from
 * before it was read, so that what was read before an invalidation and written after it is never believed.
 */
export class SharedTier<T> {
  constructor(
    private readonly spec: CacheSpec<T>,
    private readonly manager: CacheManager,
    private readonly redis: CacheRedis,
    private readonly options: SharedOptions,
  ) {}

  async find(slot: Slot): Promise<Found<T>> {
    const key = this.keyOf(slot);
    const [shelved, marks] = await Promise.all([this.manager.get<Shelved>(key), this.marksOf(slot.tags)]);
    const { leftMs } = shelved ?? { leftMs: nothingLeft };
    if (!marks) return { leftMs };
    const entry = shelved && this.open(key, shelved, slot, marks);
    return entry ? { entry, marks, leftMs } : { marks, leftMs };
  }

  /** Never rejects; late or without Redis it does nothing. */
  async write(slot: Slot, stored: StoredValue, { ageMs, token }: WriteOptions): Promise<void> {
    const leftMs = Math.floor(stored.lifeMs - ageMs);
    const value: ToShelve = { text: pack(stored), token };
    if (leftMs > 0) await this.manager.set(this.keyOf(slot), value, leftMs);
  }

  /**
   * A token while nobody else reads this value; null when somebody does, or has since `find` found `leftMs`; undefined
   * while Redis is away.
   */
  async lock(slot: Slot, forMs: number, leftMs: number): Promise<string | null | undefined> {
    const token = newId();
    const key = this.keyOf(slot);
    const answer = await this.redis.ask(client =>
      client.eval(lock, 2, lockOf(key), key, token, forMs, leftMs),
    );
    if (answer === undefined) return undefined;
    return answer === 'OK' ? token : null;
  }

  async unlock(slot: Slot, token: string): Promise<void> {
    await this.redis.ask(client => client.eval(unlock, 1, lockOf(this.keyOf(slot)), token));
  }

  /** The name of a value and of whoever reads it, for who takes both away. */
  keysOf(slot: Slot): readonly string[] {
    const key = this.keyOf(slot);
    return [key, lockOf(key)];
  }

  private keyOf({ key }: Slot): string {
    return `${this.options.keyPrefix}:cache:${this.spec.name}:${this.spec.version}:${key}`;
  }

  private async marksOf(tags: readonly string[]): Promise<readonly string[] | undefined> {
    const keys = tags.map(tag => markOf(this.options.keyPrefix, tag));
    const marks = await this.redis.ask(async client => (keys.length === 0 ? [] : client.mget(keys)));
    return marks?.map(mark => mark ?? unmarked);
  }

  private open(key: string, { text, leftMs }: Shelved, slot: Slot, marks: readonly string[]) {
    const stored = unpack(text);
    const value = stored && this.decode(stored.body);
    if (!stored || value === undefined) return this.drop(key);
    if (stored.marks.join() !== marks.join()) return undefined;
    const ageMs = Math.max(0, stored.lifeMs - leftMs);
    const { jitter } = this.options;
    return makeEntry(this.spec, value, { ageMs, bytes: Buffer.byteLength(text), tags: slot.tags, jitter });
  }

  private decode(body: string | null): T | null | undefined {
    try {
      return body === null ? null : this.spec.codec.decode(body);
    } catch {
      return undefined;
    }
  }

  private drop(key: string): undefined {
    this.options.onCorrupt();
    void this.manager.del(key);
    return undefined;
  }
}
