import { Injectable } from '@nestjs/common';
import { AccessTokens } from './access-token.js';
import { isTokenRefused } from './api-outcome.js';
import { ApiWire, type ApiAnswer, type ApiPost } from './api-wire.js';
import { WechatConfig } from '../wechat.config.js';
import { WechatUnavailable } from '../wechat-error.js';
import { Deadline } from '../wechat-http.js';
import { WechatMetrics } from '../wechat-metrics.js';

/**
 * Calls of the mini-program's server API that need its access token. Promise: settles within `wechat.requestTimeout`,
 * waiting for a token and the repeat after a refused one included.
 */
@Injectable()
export class MiniProgramApi {
  constructor(
    private readonly config: WechatConfig,
    private readonly wire: ApiWire,
    private readonly tokens: AccessTokens,
    private readonly metrics: WechatMetrics,
  ) {}

  /** `read` makes a result, or an error, of the answer: WeChat's refusals are answers too. */
  call<T>(post: ApiPost, read: (answer: ApiAnswer) => T): Promise<T> {
    return this.metrics.measure(post.operation, async () => read(await this.postWithToken(post)));
  }

  /** The token goes into the query, as WeChat wants it, and a refused one is replaced once. */
  private async postWithToken(post: ApiPost): Promise<ApiAnswer> {
    const deadline = new Deadline(this.config.requestTimeout);
    const call = (token: string) =>
      this.wire.post({ ...post, path: `${post.path}?access_token=${encodeURIComponent(token)}` }, deadline);
    const token = await this.tokens.get(deadline);
    const first = await call(token);
    if (!isTokenRefused(first.outcome)) return first;
    const second = await call(await this.tokens.renewAfter(token, deadline));
    if (!isTokenRefused(second.outcome)) return second;
    throw new WechatUnavailable(`WeChat refuses even a new access token at ${post.operation}`);
  }
}
