import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RedisConfig } from './redis.config.js';

/**
 * The shared, fail-fast Redis connection: while Redis is away a command rejects at once instead of queueing, because
 * everything kept here can be had another way. (Queues have connections of their own, see platform/queue.)
 */
@Injectable()
export class RedisConnection implements OnApplicationShutdown {
  private readonly logger = new Logger(RedisConnection.name);
  readonly client: Redis;

  constructor(config: RedisConfig) {
    this.client = new Redis(config.url, {
      connectionName: 'minnow',
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      connectTimeout: config.connectTimeout,
      commandTimeout: config.commandTimeout,
      // A server that is there and does not answer is away: the next command need not wait for it again.
      socketTimeout: config.commandTimeout,
      retryStrategy: attempt => Math.min(attempt * 100, config.retryDelayMax),
    });
    let reported = false;
    this.client.on('ready', () => (reported = false));
    this.client.on('error', (error: Error) => {
      if (!reported) this.logger.warn({ err: error }, 'Redis is away; going on without it');
      reported = true;
    });
  }

  get isReady(): boolean {
    return this.client.status === 'ready';
  }

  onApplicationShutdown(): void {
    this.client.disconnect();
  }
}
