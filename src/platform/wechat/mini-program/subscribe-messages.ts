import { Injectable } from '@nestjs/common';
import { assertOk } from './api-outcome.js';
import { fitValue } from '../push/message-values.js';
import { WechatUnavailable } from '../wechat-error.js';
import { MiniProgramApi } from './mini-program-api.js';

export interface SubscribeMessage {
  readonly openid: string;
  readonly templateId: string;
  /** Where a tap leads, such as `pages/order/detail?id=1`, without a leading slash. */
  readonly page?: string;
  /** By the template's keys, such as `thing1`; what is too long for its kind is cut. None may be empty. */
  readonly data: Readonly<Record<string, string>>;
}

/** The shopper has not agreed to this template, or the one message agreed to has been sent. */
const noGrant = 43101;
/** WeChat's service is off for the moment; another message to this shopper is on its way. */
const busy = [43107, 43108];

/** One-time subscribe messages (订阅消息): each takes one agreement that the shopper has given on the phone. */
@Injectable()
export class SubscribeMessages {
  constructor(private readonly api: MiniProgramApi) {}

  /**
   * `no_grant` is usual and no reason to try again. WeChat has no key against sending twice, so nothing is repeated here:
   * after WechatUnavailable the message may have been sent.
   * @throws WechatUnavailable, WechatThrottled; WechatMisconfigured; WechatRefused, whose reason names a field for 47003
   */
  send({
    openid: touser,
    templateId: template_id,
    page,
    data,
  }: SubscribeMessage): Promise<'sent' | 'no_grant'> {
    const values = Object.entries(data).map(([key, value]) => [key, { value: fitValue(key, value) }]);
    const content = { touser, template_id, page, data: Object.fromEntries(values) as object };
    const path = '/cgi-bin/message/subscribe/send';
    const post = { operation: 'subscribe_message', path, content, once: true } as const;
    return this.api.call(post, ({ outcome }) => {
      if (outcome.errcode === noGrant) return 'no_grant';
      if (busy.includes(outcome.errcode))
        throw new WechatUnavailable(`WeChat is busy at subscribe_message: ${outcome.errcode}`);
      assertOk('subscribe_message', outcome);
      return 'sent';
    });
  }
}
