import { apiError } from './api-error.ts';
import type { Credentials } from './credentials.ts';
import { json } from './http.ts';
import type { Answer } from './http.ts';
import { OneTimeCodes } from './one-time-codes.ts';
import type { Clock } from './clock.ts';
import type { Users } from './users.ts';

/** Codes that need no minting, for refusals which cannot be brought about otherwise. */
const magicCodes = new Map<string, () => Answer>([
  ['sandbox-40226', () => apiError(40226)],
  ['sandbox-50002', () => apiError(50002)],
  ['sandbox-45011', () => apiError(45011)],
  ['sandbox--1', () => apiError(-1)],
  ['sandbox-timeout', () => 'no-answer'],
]);

/** wx.login on the phone and code2Session on the server. */
export class Login {
  readonly #codes: OneTimeCodes<string>;
  readonly #credentials: Credentials;
  readonly #users: Users;

  constructor(credentials: Credentials, users: Users, now: Clock) {
    this.#codes = new OneTimeCodes(now);
    this.#credentials = credentials;
    this.#users = users;
  }

  mint(openid?: string): { readonly code: string; readonly openid: string } {
    const known = this.#users.open(openid);
    return { code: this.#codes.mint(known), openid: known };
  }

  codeToSession(query: URLSearchParams): Answer {
    const refused = refuseApp(this.#credentials, query.get('appid'), query.get('secret'));
    if (refused) return apiError(refused);
    const code = query.get('js_code');
    if (!code) return apiError(41008);
    if (query.get('grant_type') !== 'authorization_code') return apiError(40002);
    return magicCodes.get(code)?.() ?? this.#exchange(code);
  }

  #exchange(code: string): Answer {
    const openid = this.#codes.find(code);
    if (openid === 'used') return apiError(40163);
    if (openid === 'unknown') return apiError(40029);
    this.#codes.use(code);
    return json(200, { session_key: this.#users.rotateSessionKey(openid), openid });
  }
}

/** @returns the errcode that says what is wrong with the caller's app and secret. */
export function refuseApp(credentials: Credentials, appId: unknown, secret: unknown): number | undefined {
  if (!appId) return 41002;
  if (appId !== credentials.appId) return 40013;
  if (!secret) return 41004;
  if (secret !== credentials.appSecret) return 40125;
  return undefined;
}
