import { randomBytes } from 'node:crypto';
import { DAY_MS, MINUTE_MS, SECOND_MS } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Collection } from './state-store.ts';

const LIFE_MS = 7200 * SECOND_MS;
const OVERLAP_MS = 5 * MINUTE_MS;
const FORCED_PER_DAY = 20;
const FORCED_APART_MS = 30 * SECOND_MS;
/** Old ones are kept to tell expired (42001) from unknown (40001). */
const REMEMBERED = 100;

interface Token {
  readonly value: string;
  /** Past this it is expired (42001). */
  readonly expiresAtMs: number;
  /** Past this a newer one has replaced it (40001). */
  readonly replacedAtMs?: number;
}

/** Newest first; a family never invalidates the other's tokens. */
export interface TokenFamily {
  readonly tokens: readonly Token[];
  readonly forcedAtMs: readonly number[];
}

export type TokenFamilyName = 'legacy' | 'stable';

export interface IssuedToken {
  readonly access_token: string;
  readonly expires_in: number;
}

export class AccessTokens {
  readonly #families: Collection<TokenFamily>;
  readonly #now: Clock;

  constructor(families: Collection<TokenFamily>, now: Clock) {
    this.#families = families;
    this.#now = now;
  }

  /** `/cgi-bin/token`: a new token each time, the one before lives 5 more minutes. */
  issueLegacy(): IssuedToken {
    return this.#issue('legacy', OVERLAP_MS);
  }

  /**
   * `/cgi-bin/stable_token`: the same token until its last 5 minutes, in which old and new both work.
   * Forced: a new one, the old ones die at once; at most 20 a day and 30 s apart, otherwise as if not forced.
   */
  issueStable(force: boolean): IssuedToken {
    if (force && this.#mayForce()) return this.#force();
    const [current] = this.#family('stable').tokens;
    const fresh = current && current.replacedAtMs === undefined && this.#lifeLeftMs(current) > OVERLAP_MS;
    return fresh ? this.#view(current) : this.#issue('stable', OVERLAP_MS);
  }

  /** @returns the errcode for a token that opens nothing. */
  refuse(value: string): number | undefined {
    const token = [...this.#families.entries()]
      .flatMap(([, family]) => family.tokens)
      .find(one => one.value === value);
    if (!token || this.#now() >= (token.replacedAtMs ?? Infinity)) return 40001;
    return this.#lifeLeftMs(token) > 0 ? undefined : 42001;
  }

  kickAll(): void {
    this.#rewrite(() => []);
  }

  expireAll(): void {
    this.#rewrite(tokens => tokens.map(token => ({ ...token, expiresAtMs: this.#now() })));
  }

  #issue(name: TokenFamilyName, overlapMs: number): IssuedToken {
    const family = this.#family(name);
    const replacedAtMs = this.#now() + overlapMs;
    const older = family.tokens.map(one => ({
      ...one,
      replacedAtMs: Math.min(replacedAtMs, one.replacedAtMs ?? Infinity),
    }));
    const token = { value: randomBytes(150).toString('base64url'), expiresAtMs: this.#now() + LIFE_MS };
    this.#families.put(name, { ...family, tokens: [token, ...older].slice(0, REMEMBERED) });
    return this.#view(token);
  }

  #mayForce(): boolean {
    const forced = this.#family('stable').forcedAtMs.filter(at => at > this.#now() - DAY_MS);
    const last = forced.at(-1) ?? -Infinity;
    return forced.length < FORCED_PER_DAY && this.#now() - last >= FORCED_APART_MS;
  }

  #force(): IssuedToken {
    const family = this.#family('stable');
    const forcedAtMs = [...family.forcedAtMs, this.#now()].slice(-FORCED_PER_DAY);
    this.#families.put('stable', { ...family, forcedAtMs });
    return this.#issue('stable', 0);
  }

  #rewrite(change: (tokens: readonly Token[]) => readonly Token[]): void {
    for (const [name, family] of this.#families.entries())
      this.#families.put(name, { ...family, tokens: change(family.tokens) });
  }

  #family(name: TokenFamilyName): TokenFamily {
    return this.#families.get(name) ?? { tokens: [], forcedAtMs: [] };
  }

  #view(token: Token): IssuedToken {
    return { access_token: token.value, expires_in: Math.ceil(this.#lifeLeftMs(token) / SECOND_MS) };
  }

  #lifeLeftMs(token: Token): number {
    return token.expiresAtMs - this.#now();
  }
}
