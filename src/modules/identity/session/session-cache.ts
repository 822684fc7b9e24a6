import { Injectable } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { AuthConfig } from '../auth.config.js';

const entriesMetric = 'auth_session_cache_entries';

export const sessionCacheGauge = makeGaugeProvider({
  name: entriesMetric,
  help: 'Sessions whose state this process remembers for auth.sessionCacheTtl',
});

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

  constructor(
    private readonly config: AuthConfig,
    @InjectMetric(entriesMetric) private readonly size: Gauge,
  ) {}

  find(sessionId: string): boolean | undefined {
    const entry = this.entries.get(sessionId);
    return entry && entry.untilMs > performance.now() ? entry.active : undefined;
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
    this.size.set(this.entries.size);
  }

  private dropOldest(): void {
    const oldest = this.entries.keys().next();
    if (!oldest.done) this.entries.delete(oldest.value);
  }
}
