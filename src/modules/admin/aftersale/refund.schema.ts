import { z } from 'zod';
import { visibleText } from '../../../platform/http/input/input-fields.js';
import { pageQuery } from '../../../platform/http/input/page-query.js';
import { refundRequestStatuses, refundRequestView } from '../../order/order.contract.js';

/** Malformed ids answer 404 like unknown ones. */
export const refundId = z.string().max(64);

export const adminRefundQuery = z.strictObject({
  status: z.enum(refundRequestStatuses).optional(),
  orderId: z.string().min(1).max(64).optional(),
  ...pageQuery(),
});
export type AdminRefundQuery = z.output<typeof adminRefundQuery>;

/** Never a default: it moves stock, and only who holds the parcel knows. */
const restock = z
  .boolean()
  .describe('the units came back and can be sold again; units that were never shipped return anyway');

const refundedItem = z.strictObject({ skuId: z.string().min(1).max(64), quantity: z.int().min(1).max(999) });

export const createRefund = z.strictObject({
  reason: visibleText(80).describe('what the shopper reads in WeChat'),
  items: z.array(refundedItem).min(1).max(100).optional().describe('all that is left of the order if absent'),
  restock,
});
export type CreateRefundInput = z.output<typeof createRefund>;

export const approveRefund = z.strictObject({ restock });
export type ApproveRefundInput = z.output<typeof approveRefund>;

export const refuseRefund = z.strictObject({ reason: visibleText(200).describe('what the shopper reads') });
export type RefuseRefundInput = z.output<typeof refuseRefund>;

export const adminRefundPage = z.object({
  items: z.array(refundRequestView),
  nextCursor: z.string().optional(),
});
