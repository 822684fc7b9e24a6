import { randomBytes } from 'node:crypto';
import type { Collection } from './state-store.ts';

interface User {
  /** 16 random bytes in base64; a new login makes a new one. */
  readonly sessionKey?: string;
}

/** The people of one mini-program; an openid means something only for its app. */
export class Users {
  readonly #users: Collection<User>;

  constructor(users: Collection<User>) {
    this.#users = users;
  }

  has(openid: string): boolean {
    return this.#users.get(openid) !== undefined;
  }

  /** Known or new: opening the mini-program is what makes a user known to it. */
  open(openid = newOpenid()): string {
    if (!this.has(openid)) this.#users.put(openid, {});
    return openid;
  }

  rotateSessionKey(openid: string): string {
    const sessionKey = randomBytes(16).toString('base64');
    this.#users.put(openid, { sessionKey });
    return sessionKey;
  }
}

/** 28 characters with a leading `o`, as WeChat's are. */
function newOpenid(): string {
  return `o${randomBytes(21).toString('base64url').slice(1)}`;
}
