import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Collection } from './state-store.ts';

interface User {
  /** 16 random bytes in base64; a new login makes a new one. */
  readonly sessionKey?: string;
  readonly loggedInAtMs?: number;
}

/** The people of one mini-program; an openid means something only for its app. */
export class Users {
  readonly #users: Collection<User>;
  readonly #now: Clock;

  constructor(users: Collection<User>, now: Clock) {
    this.#users = users;
    this.#now = now;
  }

  has(openid: string): boolean {
    return this.#users.get(openid) !== undefined;
  }

  /** Known or new: opening the mini-program is what makes a user known to it. */
  open(openid = newOpenid()): string {
    if (!this.has(openid)) this.#users.put(openid, {});
    return openid;
  }

  /** Logging in is the one trace of a person that the server sees. */
  hasLoggedInWithin(openid: string, ms: number): boolean {
    const { loggedInAtMs = -Infinity } = this.#users.get(openid) ?? {};
    return this.#now() - loggedInAtMs <= ms;
  }

  rotateSessionKey(openid: string): string {
    const sessionKey = randomBytes(16).toString('base64');
    this.#users.put(openid, { sessionKey, loggedInAtMs: this.#now() });
    return sessionKey;
  }
}

/** 28 characters with a leading `o`, as WeChat's are. */
function newOpenid(): string {
  return `o${randomBytes(21).toString('base64url').slice(1)}`;
}
