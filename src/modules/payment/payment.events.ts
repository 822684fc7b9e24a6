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

/** A refund is recorded; WeChat does not know of it yet. */
export const RefundRequested = defineEvent('refund.requested', z.object({ refundNo: z.string() }));

/** WeChat told us, signed, how a refund has ended. An `abnormal` one may be followed by how it ended after all. */
export const RefundSettled = defineEvent(
  'refund.settled',
  z.object({
    refundNo: z.string(),
    reference: z.string(),
    status: z.enum(['succeeded', 'closed', 'abnormal']),
    amountFen: z.int().positive(),
  }),
  { orderKey: ({ reference }) => reference },
);
