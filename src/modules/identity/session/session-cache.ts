import { Injectable } from '@nestjs/common';
import { gaugeWhenScraped } from '../../../platform/metrics/when-scraped.js';
import { AuthConfig } from '../auth.config.js';

/** The last part of its time, in which it is known and read again. */
const ageingShare = 0.25;

interface Entry {
  readonly active: boolean;
  readonly untilMs: number;
}

/**
 * Whether a session is active, remembered for `auth.sessionCacheTtl`. At most `auth.sessionCacheSize` entries: the
 * oldest goes first, and costs one indexed read when it comes back.
 */
@Injectable()
export class SessionCache {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly config: AuthConfig) {
    gaugeWhenScraped(
      'auth_session_cache_entries',
      'Sessions whose state this process remembers for auth.sessionCacheTtl',
      () => this.dropExpired().size,
    );
  }

  find(sessionId: string): boolean | undefined {
    const entry = this.entries.get(sessionId);
    return entry && entry.untilMs > performance.now() ? entry.active : undefined;
  }

  /** Whether what is known of it is so old that it should be read again before it is forgotten. */
  isAgeing(sessionId: string): boolean {
    const leftMs = (this.entries.get(sessionId)?.untilMs ?? 0) - performance.now();
    return leftMs < this.config.sessionCacheTtl * ageingShare;
  }

  remember(sessionId: string, active: boolean): void {
    // A read that began before the revocation may arrive after it.
    if (active && this.find(sessionId) === false) return;
    this.put(sessionId, active);
  }

  private put(sessionId: string, active: boolean): void {
    this.entries.delete(sessionId);
    if (this.entries.size >= this.config.sessionCacheSize) this.dropOldest();
    this.entries.set(sessionId, { active, untilMs: performance.now() + this.config.sessionCacheTtl });
  }

  private dropOldest(): void {
    const oldest = this.entries.keys().next();
    if (!oldest.done) this.entries.delete(oldest.value);
  }

  /** Those that are left: all live equally long, so those that have expired come first. */
  private dropExpired(): ReadonlyMap<string, Entry> {
    for (const [sessionId, { untilMs }] of this.entries) {
      if (untilMs > performance.now()) break;
      this.entries.delete(sessionId);
    }
    return this.entries;
  }
}
