import { z } from 'zod';
import { userView } from '../user.schema.js';

export const wechatLogin = z.strictObject({
  code: z.string().min(1).max(256).describe('the code of wx.login: works once, for 5 minutes'),
});
export type WechatLoginInput = z.output<typeof wechatLogin>;

export const refreshSession = z.strictObject({ refreshToken: z.string().min(1).max(256) });
export type RefreshSessionInput = z.output<typeof refreshSession>;

export const tokens = z.object({
  accessToken: z.string().describe('for `Authorization: Bearer`'),
  refreshToken: z.string().describe('works once: every refresh gives the next one'),
  expiresInSeconds: z.int().describe('life of the access token'),
});
export type Tokens = z.output<typeof tokens>;

export const loginAnswer = tokens.extend({ user: userView });
export type LoginAnswer = z.output<typeof loginAnswer>;
