import { register } from 'prom-client';
import { loadConfig } from '../config/load-config.js';
import type { Transactor } from '../database/transactor.js';
import { RedisConfig } from '../redis/redis.config.js';
import { RedisConnection } from '../redis/redis-connection.js';
import { CacheConfig } from './cache.config.js';
import { CacheMetrics } from './cache-metrics.js';
import { CacheRedis } from './cache-redis.js';
import type { CacheSpec, Slot } from './cache-spec.js';
import { Caches, CacheTools } from './caches.js';
import { InvalidationBus } from './invalidation-bus.js';
import { LoadGate } from './load-gate.js';

type Env = Readonly<Record<string, string>>;

/** A process's caches and what they are made of; `redis` null is a Redis that is away for good. */
export interface OneProcess {
  readonly caches: Caches;
  readonly bus: InvalidationBus;
  readonly gate: LoadGate;
  readonly connection: RedisConnection | null;
  /** Once it has heard that it listens, and so has dropped what it may have missed before. */
  readonly listening: Promise<void>;
  stop(): void;
}

export function cacheConfig(env: Env = {}): CacheConfig {
  return loadConfig([CacheConfig], env, '/nonexistent').get(CacheConfig);
}

/** As one process of the shop has them, without PostgreSQL; several of them in one test are several processes. */
export function oneProcess(env: Env = {}): OneProcess {
  const loaded = loadConfig(
    [CacheConfig, RedisConfig],
    { REDIS_URL: 'redis://nowhere.test', ...env },
    '/nonexistent',
  );
  const [config, redisConfig] = [loaded.get(CacheConfig), loaded.get(RedisConfig)];
  // Each has metrics of its own, and names are taken once a process.
  register.clear();
  const gate = new LoadGate(config);
  const metrics = new CacheMetrics(config, gate);
  const connection = env['REDIS_URL'] === undefined ? null : new RedisConnection(redisConfig);
  const away = { ask: () => Promise.resolve(undefined) } as unknown as CacheRedis;
  const redis = connection ? new CacheRedis(connection, config, metrics) : away;
  const bus = new InvalidationBus(config, redisConfig, redis);
  const caches = new Caches(config, redisConfig, new CacheTools(gate, redis, metrics), bus, autocommit);
  const listening = Promise.withResolvers<void>();
  const onListening = bus.onListening.bind(bus);
  bus.onListening = () => {
    onListening();
    listening.resolve();
  };
  if (connection) bus.onModuleInit();
  const stop = (): void => {
    bus.onApplicationShutdown();
    connection?.onApplicationShutdown();
  };
  return { caches, bus, gate, connection, listening: listening.promise, stop };
}

const autocommit = {
  afterCommit: (effect: () => unknown) => void effect(),
} as unknown as Transactor;

export const textSpec: CacheSpec<string> = {
  name: 'test.text',
  version: '1',
  codec: {
    encode: value => JSON.stringify(value),
    decode: text => JSON.parse(text) as string,
  },
  ttlMs: 1_000,
  negativeTtlMs: 500,
  staleMs: 1_000,
  errorMs: 10_000,
};

export const slot = (key: string, ...tags: string[]): Slot => ({ key, tags });

/** Counts how often it is asked, and answers when it is told to. */
export class Source {
  asked = 0;
  private readonly waiting: PromiseWithResolvers<string | null>[] = [];

  readonly load = (): Promise<string | null> => {
    this.asked += 1;
    const answer = Promise.withResolvers<string | null>();
    this.waiting.push(answer);
    return answer.promise;
  };

  answer(value: string | null): void {
    for (const { resolve } of this.waiting.splice(0)) resolve(value);
  }

  fail(error: Error): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}
