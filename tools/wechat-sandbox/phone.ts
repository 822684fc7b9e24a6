import { apiError } from './api-error.ts';
import { epochSeconds } from './clock.ts';
import type { Clock } from './clock.ts';
import { json } from './http.ts';
import type { Answer } from './http.ts';
import { OneTimeCodes } from './one-time-codes.ts';
import type { Users } from './users.ts';

interface PhoneConsent {
  readonly openid: string;
  readonly phone: string;
  readonly countryCode: string;
}

/** The getPhoneNumber button on the phone and getuserphonenumber on the server. */
export class Phones {
  readonly #codes: OneTimeCodes<PhoneConsent>;
  readonly #appId: string;
  readonly #users: Users;
  readonly #now: Clock;

  constructor(appId: string, users: Users, now: Clock) {
    this.#codes = new OneTimeCodes(now);
    this.#appId = appId;
    this.#users = users;
    this.#now = now;
  }

  mint(consent: PhoneConsent): string {
    return this.#codes.mint(consent);
  }

  /** An openid that does not belong to the code is refused and leaves the code usable. */
  getUserPhoneNumber(body: Readonly<Record<string, unknown>>): Answer {
    if (typeof body['code'] !== 'string') return apiError(40029);
    const { code, openid } = body;
    if (openid !== undefined && (typeof openid !== 'string' || !this.#users.has(openid)))
      return apiError(40003);
    const consent = this.#codes.find(code);
    if (typeof consent === 'string') return apiError(40029);
    if (openid !== undefined && openid !== consent.openid) return apiError(40029);
    this.#codes.use(code);
    return json(200, { errcode: 0, errmsg: 'ok', phone_info: this.#phoneInfo(consent) });
  }

  #phoneInfo({ phone, countryCode }: PhoneConsent): unknown {
    return {
      phoneNumber: countryCode === '86' ? phone : `+${countryCode}${phone}`,
      purePhoneNumber: phone,
      countryCode,
      watermark: { timestamp: epochSeconds(this.#now()), appid: this.#appId },
    };
  }
}
