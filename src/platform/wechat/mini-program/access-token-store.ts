import { Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { RedisConfig } from '../../redis/redis.config.js';
import { RedisConnection } from '../../redis/redis-connection.js';
import { WechatConfig } from '../wechat.config.js';

export interface AccessToken {
  readonly value: string;
  /** From here on a new one is fetched while this one is still served. */
  readonly refreshAtMs: number;
  readonly expiresAtMs: number;
}

/** Where the processes of one shop share the access token. Never throws: without it each process has its own token. */
export abstract class AccessTokenStore {
  abstract read(): Promise<AccessToken | null>;
  abstract write(token: AccessToken): Promise<void>;
  /** True for one caller at a time, for `ttlMs` at most; true for everybody while the store is away. */
  abstract tryLock(owner: string, ttlMs: number): Promise<boolean>;
  abstract unlock(owner: string): Promise<void>;
}

const tokenSchema = z.object({ value: z.string().min(1), refreshAtMs: z.number(), expiresAtMs: z.number() });

const unlockScript = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

@Injectable()
export class RedisAccessTokenStore extends AccessTokenStore {
  private readonly logger = new Logger(RedisAccessTokenStore.name);
  private readonly key: string;
  private readonly lockKey: string;

  constructor(
    private readonly redis: RedisConnection,
    redisConfig: RedisConfig,
    wechatConfig: WechatConfig,
  ) {
    super();
    this.key = `${redisConfig.keyPrefix}:wechat:${wechatConfig.appId}:access-token`;
    this.lockKey = `${this.key}:lock`;
  }

  read(): Promise<AccessToken | null> {
    return this.orElse(null, async () => parseToken(await this.redis.client.get(this.key)));
  }

  write(token: AccessToken): Promise<void> {
    const ttlMs = Math.max(1, token.expiresAtMs - Date.now());
    return this.orElse(undefined, async () => {
      await this.redis.client.set(this.key, JSON.stringify(token), 'PX', ttlMs);
    });
  }

  tryLock(owner: string, ttlMs: number): Promise<boolean> {
    return this.orElse(
      true,
      async () => (await this.redis.client.set(this.lockKey, owner, 'PX', ttlMs, 'NX')) === 'OK',
    );
  }

  unlock(owner: string): Promise<void> {
    return this.orElse(undefined, async () => {
      await this.redis.client.eval(unlockScript, 1, this.lockKey, owner);
    });
  }

  private async orElse<T>(fallback: T, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.logger.debug({ err: error }, 'the access token is not shared while Redis is away');
      return fallback;
    }
  }
}

function parseToken(text: string | null): AccessToken | null {
  if (text === null) return null;
  try {
    return tokenSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
