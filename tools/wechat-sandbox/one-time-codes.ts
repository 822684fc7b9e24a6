import { randomBytes } from 'node:crypto';
import { MINUTE_MS } from './clock.ts';
import type { Clock } from './clock.ts';

const TTL_MS = 5 * MINUTE_MS;

interface Entry<T> {
  readonly meaning: T;
  readonly expiresAtMs: number;
  used: boolean;
}

/** Codes the phone hands out: 5 minutes, one use. A used one is remembered until it would have expired. */
export class OneTimeCodes<T> {
  readonly #codes = new Map<string, Entry<T>>();
  readonly #now: Clock;

  constructor(now: Clock) {
    this.#now = now;
  }

  mint(meaning: T): string {
    this.#forgetExpired();
    const code = randomBytes(24).toString('base64url');
    this.#codes.set(code, { meaning, expiresAtMs: this.#now() + TTL_MS, used: false });
    return code;
  }

  find(code: unknown): T | 'unknown' | 'used' {
    const entry = this.#codes.get(String(code));
    if (!entry || entry.expiresAtMs <= this.#now()) return 'unknown';
    return entry.used ? 'used' : entry.meaning;
  }

  use(code: string): void {
    const entry = this.#codes.get(code);
    if (entry) entry.used = true;
  }

  /** One lifetime for all keeps the map in order of expiry: stop at the first live one. */
  #forgetExpired(): void {
    for (const [code, entry] of this.#codes) {
      if (entry.expiresAtMs > this.#now()) return;
      this.#codes.delete(code);
    }
  }
}
