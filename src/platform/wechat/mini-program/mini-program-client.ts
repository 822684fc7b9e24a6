import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../../../kernel/clock.js';
import { assertOk } from './api-outcome.js';
import { ApiWire, type ApiAnswer } from './api-wire.js';
import { MiniProgramApi } from './mini-program-api.js';
import { readAnswer } from '../wechat-answer.js';
import { WechatConfig } from '../wechat.config.js';
import { LoginCodeRefused, PhoneCodeRefused } from '../wechat-error.js';
import { ApiHttp, Deadline } from '../wechat-http.js';
import { WechatMetrics } from '../wechat-metrics.js';

/** `sessionKey` is a secret of WeChat's: encrypted at rest, never returned to a client, never logged. */
export interface WechatSession {
  readonly openid: string;
  readonly sessionKey: string;
  /** Only when the mini-program is bound to an Open Platform account. */
  readonly unionid?: string;
}

export interface PhoneNumber {
  /** Without the country code. */
  readonly purePhoneNumber: string;
  readonly countryCode: string;
}

const sessionSchema = z.object({
  openid: z.string().min(1),
  session_key: z.string().min(1),
  unionid: z.string().min(1).optional(),
});

const phoneSchema = z.object({
  phone_info: z.object({
    purePhoneNumber: z.string().min(1),
    countryCode: z.union([z.string(), z.number()]).transform(String),
    watermark: z.object({ timestamp: z.number(), appid: z.string() }),
  }),
});

type PhoneInfo = z.output<typeof phoneSchema>['phone_info'];

const loginCodeRefused = [40029, 40163, 40226, 50002];
const phoneCodeRefused = [40029, 40003];
const watermarkMaxAgeSeconds = 300;
const clockSkewSeconds = 60;

/**
 * What the shop asks of the mini-program's server API. Promise: every call settles within its configured time limit.
 * @throws WechatUnavailable, WechatThrottled (worth trying later); WechatMisconfigured, WechatRefused (not)
 */
@Injectable()
export class MiniProgramClient {
  constructor(
    private readonly config: WechatConfig,
    private readonly wire: ApiWire,
    private readonly api: MiniProgramApi,
    private readonly metrics: WechatMetrics,
    private readonly clock: Clock,
    private readonly http: ApiHttp,
  ) {}

  /** What the last calls say. */
  get isReachable(): boolean {
    return this.http.isReachable;
  }

  /**
   * Trades the code of `wx.login` for who the shopper is. A code works once and for 5 minutes. When WeChat's answer
   * was lost on the way, the repeated call says `alreadyUsed`, and the client has to log in again.
   * @throws LoginCodeRefused
   */
  codeToSession(code: string): Promise<WechatSession> {
    const { appId: appid, appSecret: secret, loginTimeout } = this.config;
    const query = new URLSearchParams({ appid, secret, js_code: code, grant_type: 'authorization_code' });
    const deadline = new Deadline(loginTimeout);
    return this.metrics.measure('code_to_session', async () => {
      const answer = await this.wire.get('code_to_session', `/sns/jscode2session?${query}`, deadline);
      return toSession(answer);
    });
  }

  /**
   * Trades the code of the phone button (not of `wx.login`) for the number. `openid` makes WeChat check that the code
   * is this shopper's own. WeChat charges for each success.
   * @throws PhoneCodeRefused
   */
  getPhoneNumber(code: string, openid: string): Promise<PhoneNumber> {
    const path = '/wxa/business/getuserphonenumber';
    const post = { operation: 'phone_number', path, content: { code, openid } } as const;
    return this.api.call(post, ({ outcome, body }) => {
      if (phoneCodeRefused.includes(outcome.errcode)) throw new PhoneCodeRefused('code');
      assertOk('phone_number', outcome);
      return this.toPhoneNumber(readAnswer(phoneSchema, body, 'phone_number').phone_info);
    });
  }

  private toPhoneNumber({ watermark, ...number }: PhoneInfo): PhoneNumber {
    const ageSeconds = this.clock.now().getTime() / 1000 - watermark.timestamp;
    if (watermark.appid !== this.config.appId) throw new PhoneCodeRefused('watermark_app');
    const inTime = ageSeconds >= -clockSkewSeconds && ageSeconds <= watermarkMaxAgeSeconds + clockSkewSeconds;
    if (!inTime) throw new PhoneCodeRefused('watermark_age');
    return number;
  }
}

function toSession({ outcome, body }: ApiAnswer): WechatSession {
  if (loginCodeRefused.includes(outcome.errcode)) throw new LoginCodeRefused(outcome.errcode);
  assertOk('code_to_session', outcome);
  const { openid, session_key: sessionKey, unionid } = readAnswer(sessionSchema, body, 'code_to_session');
  return { openid, sessionKey, unionid };
}
