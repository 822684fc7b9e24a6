import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { assertOk } from './api-outcome.js';
import { ApiWire } from './api-wire.js';
import { readAnswer } from '../wechat-answer.js';
import { WechatConfig } from '../wechat.config.js';
import type { Deadline } from '../wechat-http.js';
import { WechatMetrics } from '../wechat-metrics.js';

export interface FetchedToken {
  readonly value: string;
  readonly expiresInSeconds: number;
}

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/**
 * Asks WeChat for the access token by `stable_token` in normal mode: until five minutes before its end WeChat gives
 * everybody the same one, so a second fetch harms nobody (`/cgi-bin/token` would kick the others out).
 */
@Injectable()
export class AccessTokenSource {
  constructor(
    private readonly config: WechatConfig,
    private readonly wire: ApiWire,
    private readonly metrics: WechatMetrics,
  ) {}

  /** @throws WechatUnavailable, WechatThrottled, WechatMisconfigured, WechatRefused */
  fetch(deadline: Deadline): Promise<FetchedToken> {
    const { appId: appid, appSecret: secret } = this.config;
    const content = { grant_type: 'client_credential', appid, secret };
    return this.metrics.measure('access_token', async () => {
      const { outcome, body } = await this.wire.post(
        { operation: 'access_token', path: '/cgi-bin/stable_token', content },
        deadline,
      );
      assertOk('access_token', outcome);
      const { access_token: value, expires_in: expiresInSeconds } = readAnswer(
        tokenSchema,
        body,
        'access_token',
      );
      return { value, expiresInSeconds };
    });
  }
}
