import { z } from 'zod';
import { someChange, visibleText } from '../../../platform/http/input/input-fields.js';

export const updateProfile = someChange(
  z.strictObject({
    nickname: visibleText(32).optional(),
    avatarUrl: z
      .url({ protocol: /^https$/, normalize: true })
      .max(512)
      .optional(),
  }),
);
export type UpdateProfileInput = z.output<typeof updateProfile>;

export const bindPhone = z.strictObject({
  code: z.string().min(1).max(256).describe('the code of the phone button: works once, for 5 minutes'),
});
export type BindPhoneInput = z.output<typeof bindPhone>;

export const phoneView = z.object({ phoneMasked: z.string() });
export type PhoneView = z.output<typeof phoneView>;
