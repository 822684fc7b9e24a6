import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../platform/http/caller.js';
import { gaugeWhenScraped } from '../../../platform/metrics/when-scraped.js';
import { AuthConfig } from '../auth.config.js';

interface Verified {
  readonly caller: Caller;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/**
 * `Authorization` headers whose signature has been checked, until they expire: looking one up costs a tenth of an HMAC. At most
 * `auth.tokenCacheSize`: they are kept in two halves, and when the newer one is full, the older one, which nobody has asked for since, goes.
 * It says nothing about sessions, which may end earlier.
 */
@Injectable()
export class VerifiedTokens {
  private newer = new Map<string, Verified>();
  private older = new Map<string, Verified>();

  constructor(private readonly config: AuthConfig) {
    gaugeWhenScraped(
      'auth_token_cache_entries',
      'Access tokens whose signature this process need not check again',
      () => this.newer.size + this.older.size,
    );
  }

  get(authorization: string): Caller | undefined {
    const verified = this.newer.get(authorization) ?? this.revive(authorization);
    return verified && verified.expiresAt > Date.now() ? verified.caller : undefined;
  }

  set(authorization: string, caller: Caller, expiresAt: number): void {
    this.keep(authorization, { caller, expiresAt });
  }

  private revive(authorization: string): Verified | undefined {
    const verified = this.older.get(authorization);
    if (!verified) return undefined;
    this.older.delete(authorization);
    this.keep(authorization, verified);
    return verified;
  }

  private keep(authorization: string, verified: Verified): void {
    if (this.newer.size >= this.config.tokenCacheSize / 2) {
      this.older = this.newer;
      this.newer = new Map();
    }
    this.newer.set(authorization, verified);
  }
}
