import { z } from 'zod';
import { WechatMisconfigured, WechatRefused, WechatThrottled } from '../wechat-error.js';
import type { WechatOperation } from '../wechat-metrics.js';

/** The part that every JSON answer of api.weixin.qq.com may have: HTTP says 200 for errors too. */
export const outcomeSchema = z.object({ errcode: z.int().default(0), errmsg: z.string().default('') });

export type ApiOutcome = z.output<typeof outcomeSchema>;

const perMinute = 45011;
const perDay = 45009;
const misconfigured = [40001, 40002, 40013, 40125, 40164, 40243, 41002, 41004, 48001, 48004, 61004];
const tokenRefused = [40001, 40014, 42001];

/** The access token is not the latest, not valid, or expired: fetch another and call again. */
export function isTokenRefused({ errcode }: ApiOutcome): boolean {
  return tokenRefused.includes(errcode);
}

/** @throws the error for every refusal that the operation itself does not know better. */
export function assertOk(operation: WechatOperation, { errcode, errmsg }: ApiOutcome): void {
  if (errcode === 0) return;
  const reason = errmsg.slice(0, 200);
  if (errcode === perMinute) throw new WechatThrottled(errcode, 60);
  if (errcode === perDay) throw new WechatThrottled(errcode, 3_600);
  if (misconfigured.includes(errcode)) throw new WechatMisconfigured(operation, errcode, reason);
  throw new WechatRefused(operation, errcode, reason);
}
