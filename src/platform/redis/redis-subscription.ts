import { Redis } from 'ioredis';
import type { RedisConfig } from './redis.config.js';

export interface ChannelHearer {
  /** Listening begins, or begins again after a time in which anything may have been said. */
  onListening(): void;
  onMessage(text: string): void;
}

/** One channel on a connection of its own, for as long as the process lives: it waits for Redis however long it is away. */
export class RedisSubscription {
  private readonly client: Redis;

  constructor(url: string, config: RedisConfig, channel: string, hearer: ChannelHearer) {
    this.client = new Redis(url, {
      connectionName: 'minnow-subscriber',
      connectTimeout: config.connectTimeout,
      retryStrategy: attempt => Math.min(attempt * 100, config.retryDelayMax),
      keepAlive: 10_000,
      maxRetriesPerRequest: null,
      autoResubscribe: false,
    });
    // Whoever sends commands to this Redis reports that it is away.
    this.client.on('error', () => undefined);
    this.client.on('message', (_channel: string, text: string) => hearer.onMessage(text));
    this.client.on('ready', () => {
      this.client.subscribe(channel).then(
        () => hearer.onListening(),
        () => this.client.disconnect(true),
      );
    });
  }

  close(): void {
    this.client.disconnect();
  }
}
