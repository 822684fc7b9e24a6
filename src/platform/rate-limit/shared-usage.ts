import { Injectable } from '@nestjs/common';
import { RedisConfig } from '../redis/redis.config.js';
import { RedisConnection } from '../redis/redis-connection.js';

/** What one process adds to what all have used of an allowance. */
export interface Usage {
  /** Limit and subject. */
  readonly name: string;
  readonly addedMs: number;
  readonly windowMs: number;
}

/**
 * One round trip for all of them, on the clock of Redis: those of the processes differ. What all have used together is
 * never more than everything, so that nobody waits longer for having been refused by several processes.
 */
const script = `
  local time = redis.call('time')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local used = {}
  for i, key in ipairs(KEYS) do
    local before = math.max(0, (tonumber(redis.call('get', key)) or 0) - now)
    used[i] = math.ceil(math.min(before + ARGV[2 * i - 1], ARGV[2 * i]))
    if used[i] > 0 then redis.call('set', key, string.format('%d', now + used[i]), 'px', used[i]) end
  end
  return used`;

/** Where the processes of one shop add up what everybody has used. May be lost: each process remembers its own. */
@Injectable()
export class SharedUsage {
  private readonly prefix: string;

  constructor(
    private readonly redis: RedisConnection,
    { keyPrefix }: RedisConfig,
  ) {
    this.prefix = `${keyPrefix}:limit:`;
  }

  /** What all processes have used, in the order of `usages`. @throws an error of Redis, in `redis.commandTimeout` */
  async add(usages: readonly Usage[]): Promise<readonly number[]> {
    const keys = usages.map(({ name }) => this.prefix + name);
    const numbers = usages.flatMap(({ addedMs, windowMs }) => [addedMs, windowMs]);
    return (await this.redis.client.eval(script, keys.length, ...keys, ...numbers)) as readonly number[];
  }
}
