import { Injectable } from '@nestjs/common';
import { newId } from '../../../kernel/id.js';
import { Transactor } from '../../../platform/database/transactor.js';
import type { Caller } from '../../../platform/http/caller.js';
import { AuthConfig } from '../auth.config.js';
import { RefreshInvalid, RefreshReused } from '../identity.errors.js';
import { AccessTokenSigner } from './access-token.js';
import type { Tokens } from './auth.schema.js';
import { hashRefreshToken, newRefreshToken } from './refresh-token.js';
import { SessionCache } from './session-cache.js';
import { SessionRepository } from './session.repository.js';

export interface SessionDraft {
  readonly caller: Caller;
  readonly tokens: Tokens;
}

/** Sessions: opened by a login, kept alive by rotating refresh tokens, ended by logout or by a reused token. */
@Injectable()
export class SessionService {
  /** One for all who ask meanwhile. */
  private readonly reads = new Map<string, Promise<boolean>>();

  constructor(
    private readonly transactor: Transactor,
    private readonly repository: SessionRepository,
    private readonly accessTokens: AccessTokenSigner,
    private readonly cache: SessionCache,
    private readonly config: AuthConfig,
  ) {}

  /** A session that is none before it is opened. */
  draft(userId: string): SessionDraft {
    const caller = { userId, sessionId: newId() };
    return { caller, tokens: this.issue(caller) };
  }

  async open({ caller, tokens }: SessionDraft): Promise<void> {
    await this.repository.insert(caller, hashRefreshToken(tokens.refreshToken), this.config.refreshTokenTtl);
  }

  /** A new pair for a refresh token, which is used up. Of parallel calls with one token exactly one gets a pair. */
  async rotate(refreshToken: string): Promise<Tokens | null> {
    return this.transactor.run(async () => {
      const caller = await this.repository.useRefreshToken(hashRefreshToken(refreshToken));
      if (!caller) return null;
      const tokens = this.issue(caller);
      const { refreshTokenTtl } = this.config;
      await this.repository.extend(caller.sessionId, hashRefreshToken(tokens.refreshToken), refreshTokenTtl);
      return tokens;
    });
  }

  /**
   * For a token that cannot be rotated: if it was used before, somebody else may hold its successor, and the session
   * ends.
   * @throws RefreshReused, RefreshInvalid
   */
  async refuseRefresh(refreshToken: string): Promise<never> {
    const reused = await this.repository.revokeByUsedToken(hashRefreshToken(refreshToken));
    if (reused === null) throw new RefreshInvalid();
    this.cache.remember(reused, false);
    throw new RefreshReused();
  }

  /** In this process at once, in others within `auth.sessionCacheTtl`. */
  async revoke(sessionId: string): Promise<void> {
    await this.repository.revoke(sessionId);
    this.cache.remember(sessionId, false);
  }

  /** At once where it is remembered, which it is for as long as somebody keeps asking. */
  isActive(sessionId: string): boolean | Promise<boolean> {
    const active = this.cache.find(sessionId);
    if (active === undefined) return this.readActive(sessionId);
    if (this.cache.isAgeing(sessionId) && !this.reads.has(sessionId)) {
      // Who asks after it is forgotten learns why, should it fail until then.
      this.readActive(sessionId).catch(() => undefined);
    }
    return active;
  }

  /** Opened by a login just now: the shopper is more than the holder of a token. */
  isFresh(sessionId: string): Promise<boolean> {
    return this.repository.isYoungerThan(sessionId, this.config.rebindWindow);
  }

  private readActive(sessionId: string): Promise<boolean> {
    const running = this.reads.get(sessionId);
    if (running) return running;
    const read = this.readAndRemember(sessionId).finally(() => this.reads.delete(sessionId));
    this.reads.set(sessionId, read);
    return read;
  }

  private async readAndRemember(sessionId: string): Promise<boolean> {
    const active = await this.repository.isActive(sessionId);
    this.cache.remember(sessionId, active);
    return active;
  }

  private issue(caller: Caller): Tokens {
    const expiresInSeconds = Math.floor(this.config.accessTokenTtl / 1_000);
    return { accessToken: this.accessTokens.sign(caller), refreshToken: newRefreshToken(), expiresInSeconds };
  }
}
