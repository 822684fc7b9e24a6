import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { assertOk } from './api-outcome.js';
import type { ApiAnswer } from './api-wire.js';
import { ShopperAway } from './content-error.js';
import { MiniProgramApi } from './mini-program-api.js';
import { readAnswer } from '../wechat-answer.js';

const scenes = { profile: 1, comment: 2, forum: 3, social_log: 4 } as const;
/** WeChat reads no more at a time. */
export const checkedCharacters = 2_500;

export interface TextToCheck {
  /** Its author, who has used the mini-program in the last two hours. */
  readonly openid: string;
  /** At most `checkedCharacters`. */
  readonly content: string;
  readonly scene: keyof typeof scenes;
}

/** `review`: a person has to decide, and until then nobody else sees the text. */
export type TextVerdict = 'pass' | 'review' | 'risky';

const verdictSchema = z.object({ result: z.object({ suggest: z.enum(['pass', 'review', 'risky']) }) });

const authorAway = 61010;

/** WeChat's judgement of what shoppers write (msg_sec_check, version 2), which the law wants before it is shown. */
@Injectable()
export class ContentCheck {
  constructor(private readonly api: MiniProgramApi) {}

  /**
   * @throws ShopperAway; WechatUnavailable, WechatThrottled (not checked, so not to be shown); WechatMisconfigured,
   * WechatRefused
   */
  async checkText({ openid, content, scene }: TextToCheck): Promise<TextVerdict> {
    if (content.length > checkedCharacters) throw new RangeError('the text is longer than WeChat checks');
    const body = { version: 2, openid, scene: scenes[scene], content };
    const post = { operation: 'content_check', path: '/wxa/msg_sec_check', content: body } as const;
    return this.api.call(post, toVerdict);
  }
}

function toVerdict({ outcome, body }: ApiAnswer): TextVerdict {
  if (outcome.errcode === authorAway) throw new ShopperAway();
  assertOk('content_check', outcome);
  return readAnswer(verdictSchema, body, 'content_check').result.suggest;
}
