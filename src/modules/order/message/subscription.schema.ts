import { z } from 'zod';

/** What the shopper accepted in `wx.requestSubscribeMessage`. */
export const allowMessages = z.strictObject({
  templateIds: z.array(z.string().min(1).max(64)).min(1).max(5),
});
export type AllowMessagesInput = z.output<typeof allowMessages>;

/** Those that the shop sends; each is good for one more message. */
export const allowedMessages = z.object({ templateIds: z.array(z.string()) });
