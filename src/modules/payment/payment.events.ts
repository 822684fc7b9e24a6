import { z } from 'zod';
import { defineEvent } from '../../platform/queue/define-event.js';

/** WeChat told us, signed, that the money of `reference` has arrived. */
export const PaymentCaptured = defineEvent(
  'payment.captured',
  z.object({
    reference: z.string(),
    transactionId: z.string(),
    amountFen: z.int().positive(),
    paidAt: z.iso.datetime(),
  }),
);
