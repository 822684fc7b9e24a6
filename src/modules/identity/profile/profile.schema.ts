import { z } from 'zod';
import { visibleText } from '../visible-text.js';

export const updateProfile = z
  .strictObject({
    nickname: visibleText(32).optional(),
    avatarUrl: z
      .url({ protocol: /^https$/, normalize: true })
      .max(512)
      .optional(),
  })
  .refine(change => Object.keys(change).length > 0, 'at least one field')
  .meta({ minProperties: 1 });
export type UpdateProfileInput = z.output<typeof updateProfile>;

export const bindPhone = z.strictObject({
  code: z.string().min(1).max(256).describe('the code of the phone button: works once, for 5 minutes'),
});
export type BindPhoneInput = z.output<typeof bindPhone>;

export const phoneView = z.object({ phoneMasked: z.string() });
export type PhoneView = z.output<typeof phoneView>;
