import type { CacheRedis } from './cache-redis.js';

/** What Redis has under a key, and for how long. */
export interface Shelved {
  readonly text: string;
  readonly leftMs: number;
}

/** What is put there. With a token it is put only while that token holds the key's lock, which it then gives up. */
export interface ToShelve {
  readonly text: string;
  readonly token?: string;
}

export const lockOf = (key: string): string => `${key}:lock`;

/** Fencing: who has lost the lock while it read is late, and what it has read may be older than what is there. */
const fencedSet = `
  if redis.call('get', KEYS[2]) ~= ARGV[3] then return 0 end
  redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
  redis.call('del', KEYS[2])
  return 1`;

/**
 * Keyv's storage on the ioredis that this shop has anyway. Age is what Redis says, never the wall clocks of two
 * machines; and as everywhere in the cache, a Redis that is away is a miss.
 */
export class KeyvRedisStore {
  readonly opts = {};
  namespace?: string;

  constructor(private readonly redis: CacheRedis) {}

  async get(key: string): Promise<{ value: Shelved } | undefined> {
    const answer = await this.redis.ask(client => Promise.all([client.get(key), client.pttl(key)]));
    const [text, leftMs] = answer ?? [];
    return typeof text === 'string' && leftMs !== undefined ? { value: { text, leftMs } } : undefined;
  }

  async set(key: string, { value: { text, token } }: { value: ToShelve }, ttlMs: number): Promise<boolean> {
    const answer = await this.redis.ask<unknown>(client =>
      token === undefined
        ? client.set(key, text, 'PX', ttlMs)
        : client.eval(fencedSet, 2, key, lockOf(key), text, ttlMs, token),
    );
    return answer === 'OK' || answer === 1;
  }

  async delete(key: string): Promise<boolean> {
    return (await this.redis.ask(client => client.del(key))) === 1;
  }

  /** Values end by themselves, and by their tags: nothing here ever looks for all keys of a Redis that others use too. */
  clear(): Promise<void> {
    return Promise.reject(new Error('not a thing to do to a shared Redis'));
  }

  /** It has no events: whether Redis is there is known by `CacheRedis`. */
  on(): this {
    return this;
  }
}
