import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { newId } from '../../kernel/id.js';
import { RedisConfig } from '../redis/redis.config.js';
import { RedisSubscription, type ChannelHearer } from '../redis/redis-subscription.js';
import { CacheConfig } from './cache.config.js';
import { CacheRedis } from './cache-redis.js';
import { longestLifeMs } from './cache-spec.js';
import { markOf } from './shared-tier.js';

const invalidation = z.object({ tags: z.array(z.string()), keys: z.array(z.string()) });
/** Tags, and values by the name of their cache and their key, that are not what they were. */
export type Invalidation = z.output<typeof invalidation>;

const messageSchema = invalidation.extend({ from: z.string(), sequence: z.int() });

/** Why it may have missed something. */
export type Doubt = 'gap' | 'reconnect';

export interface BusHearer {
  onInvalidation(news: Invalidation): void;
  onDoubt(doubt: Doubt): void;
}

/** More processes than one shop has; a forgotten one that speaks again costs one flush. */
const maxPublishers = 1_000;

/**
 * Tells all processes what has changed, through Redis pub/sub, which promises nothing: so every process numbers what it
 * says, and a missing number is as good as "anything". What could not be said is said when Redis is back.
 */
@Injectable()
export class InvalidationBus implements OnModuleInit, OnApplicationShutdown, ChannelHearer {
  private readonly self = newId();
  private readonly channel: string;
  private readonly lastHeard = new LRUCache<string, number>({ max: maxPublishers });
  private readonly unsent = { tags: new Set<string>(), keys: new Set<string>() };
  private sequence = 0;
  private retry: NodeJS.Timeout | undefined;
  private subscription: RedisSubscription | undefined;
  private hearer: BusHearer | undefined;

  constructor(
    private readonly config: CacheConfig,
    private readonly redisConfig: RedisConfig,
    private readonly redis: CacheRedis,
  ) {
    this.channel = `${redisConfig.keyPrefix}:cache-news`;
  }

  hearWith(hearer: BusHearer): void {
    this.hearer = hearer;
  }

  onModuleInit(): void {
    if (!this.config.enabled) return;
    const url = this.config.redisUrl ?? this.redisConfig.url;
    this.subscription = new RedisSubscription(url, this.redisConfig, this.channel, this);
  }

  onApplicationShutdown(): void {
    clearTimeout(this.retry);
    this.subscription?.close();
  }

  /** Never rejects: what Redis does not take now is kept for later, and the age of values is bounded all the same. */
  async send(news: Invalidation, redisKeys: readonly string[] = []): Promise<void> {
    for (const tag of news.tags) this.unsent.tags.add(tag);
    for (const key of news.keys) this.unsent.keys.add(key);
    await this.flushUnsent(redisKeys);
  }

  onListening(): void {
    this.hearer?.onDoubt('reconnect');
  }

  onMessage(text: string): void {
    const message = parse(text);
    if (!message) return this.hearer?.onDoubt('gap');
    const { from, sequence, ...news } = message;
    if (from === this.self) return;
    const last = this.lastHeard.get(from) ?? 0;
    this.lastHeard.set(from, sequence);
    if (sequence !== last + 1) this.hearer?.onDoubt('gap');
    else this.hearer?.onInvalidation(news);
  }

  private async flushUnsent(redisKeys: readonly string[]): Promise<void> {
    const news = { tags: [...this.unsent.tags], keys: [...this.unsent.keys] };
    if (news.tags.length + news.keys.length === 0) return;
    this.forgetUnsent();
    if (await this.publish(news, redisKeys)) return;
    for (const tag of news.tags) this.unsent.tags.add(tag);
    for (const key of news.keys) this.unsent.keys.add(key);
    // The number that nobody will hear makes the others drop everything.
    if (this.unsent.tags.size + this.unsent.keys.size > this.config.maxUnsentInvalidations)
      this.forgetUnsent();
    this.tryAgain();
  }

  private async publish(news: Invalidation, redisKeys: readonly string[]): Promise<boolean> {
    const { keyPrefix } = this.redisConfig;
    const message = JSON.stringify({ ...news, from: this.self, sequence: ++this.sequence });
    const answer = await this.redis.ask(async client => {
      const batch = client.pipeline();
      // First the marks: who hears of it and reads again must not find the old value.
      for (const tag of news.tags) batch.set(markOf(keyPrefix, tag), newId(), 'PX', 2 * longestLifeMs);
      if (redisKeys.length > 0) batch.del(...redisKeys);
      const results = await batch.publish(this.channel, message).exec();
      const failed = results?.find(([error]) => error)?.[0];
      if (failed) throw failed;
      return true;
    });
    return answer === true;
  }

  private tryAgain(): void {
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      void this.flushUnsent([]);
    }, this.config.redisPause);
    this.retry.unref();
  }

  private forgetUnsent(): void {
    this.unsent.tags.clear();
    this.unsent.keys.clear();
  }
}

function parse(text: string): z.output<typeof messageSchema> | null {
  try {
    return messageSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
