import { z } from 'zod';
import { defineEvent } from '../../platform/queue/define-event.js';

/**
 * WeChat pushed a message or an event, signed. WeChat repeats what it believes lost, each time as a new event: take
 * effect once by `dedupeKey`, not by the event's id.
 */
export const PushReceived = defineEvent(
  'wechat.push-received',
  z.object({
    type: z.string(),
    event: z.string().optional(),
    openid: z.string().optional(),
    createTime: z.iso.datetime(),
    dedupeKey: z.string(),
    message: z.record(z.string(), z.unknown()),
  }),
);
