import { BullModule } from '@nestjs/bull';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { makeCounterProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import type { QueueOptions } from 'bull';
import { Redis, type RedisOptions } from 'ioredis';
import { RedisConfig } from '../redis/redis.config.js';
import { backoffMs, jitteredBackoff } from './backoff.js';
import type { AnyJob } from './define-job.js';
import { EvictionWatch } from './eviction-watch.js';
import { JobQueues } from './job-queues.js';
import { JobRegistry } from './job-registry.js';
import { JobRunner, jobDurationMetric } from './job-runner.js';
import { PeriodicTasks, taskFailuresMetric } from './periodic-tasks.js';
import { QueueConfig } from './queue.config.js';

const declared = new Set<AnyJob>();

/**
 * Background work on Bull: typed jobs, their consumers, and periodic tasks.
 * Promise: adding a job rejects at once while Redis is away (the outbox keeps it); a job is delivered at least once;
 * a job without exactly one consumer stops the boot.
 */
@Global()
@Module({
  imports: [
    DiscoveryModule,
    BullModule.forRootAsync({ useFactory: bullOptions, inject: [QueueConfig, RedisConfig] }),
  ],
  providers: [
    { provide: JobRegistry, useFactory: () => new JobRegistry([...declared]) },
    JobQueues,
    EvictionWatch,
    JobRunner,
    PeriodicTasks,
    makeHistogramProvider({
      name: jobDurationMetric,
      help: 'Duration of background jobs by queue, job and outcome',
      labelNames: ['queue', 'job', 'outcome'],
      buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    }),
    makeCounterProvider({
      name: taskFailuresMetric,
      help: 'Failed runs of periodic tasks',
      labelNames: ['task'],
    }),
  ],
  exports: [JobRegistry, JobQueues, EvictionWatch, JobRunner, PeriodicTasks],
})
export class QueueModule {
  /** Declares a queue with its jobs; the module lists the matching `*.consumer.ts` among its providers. */
  static forFeature(queue: string, jobs: readonly AnyJob[]): DynamicModule {
    for (const job of jobs) declared.add(job);
    return BullModule.registerQueue({ name: queue });
  }
}

function bullOptions(config: QueueConfig, redis: RedisConfig): QueueOptions {
  const url = config.redisUrl ?? redis.url;
  return {
    prefix: `{${redis.keyPrefix}}:bull`,
    createClient: type => listenedTo(new Redis(url, clientOptions(type, redis, config.commandTimeout))),
    // The outbox knows what is done and what is dead. A finished job that stayed here would keep its id, and with it a
    // redelivery, from being taken.
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    settings: {
      lockDuration: config.lockDuration,
      stalledInterval: config.lockDuration,
      // However often a worker dies under a job, it is the outbox that decides when to give up.
      maxStalledCount: 1_000,
      retryProcessDelay: 1_000,
      backoffStrategies: {
        [jitteredBackoff]: (failures, _error, options?: { readonly baseMs: number }) =>
          backoffMs(failures, options?.baseMs ?? 1_000),
      },
    },
  };
}

/** Bull listens to a client once it uses it; to one that nobody listens to, ioredis gives stderr. */
function listenedTo(client: Redis): Redis {
  return client.on('error', () => undefined);
}

/** Bull's blocking read answers every 5 s, job or no job: a connection that is silent for longer is dead. */
const deafAfterMs = 15_000;

/**
 * Producers fail fast and fall back to the outbox; the blocking and subscribing connections wait for Redis to return.
 * A Redis that is there and does not answer counts as away: its connection is dropped and made anew.
 */
function clientOptions(
  type: 'client' | 'subscriber' | 'bclient',
  { connectTimeout, retryDelayMax }: RedisConfig,
  commandTimeout: number,
): RedisOptions {
  const retryStrategy = (attempt: number): number => Math.min(attempt * 100, retryDelayMax);
  const shared = { connectTimeout, retryStrategy };
  const patient = { ...shared, enableReadyCheck: false, maxRetriesPerRequest: null };
  if (type === 'subscriber') return { ...patient, keepAlive: 10_000 };
  if (type === 'bclient') return { ...patient, keepAlive: 10_000, socketTimeout: deafAfterMs };
  const failFast = { enableOfflineQueue: false, maxRetriesPerRequest: 1 };
  return { ...shared, ...failFast, commandTimeout, socketTimeout: commandTimeout };
}
