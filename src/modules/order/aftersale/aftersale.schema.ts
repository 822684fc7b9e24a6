import { z } from 'zod';
import type { Page } from '../../../kernel/page.js';
import { visibleText } from '../../../platform/http/input/input-fields.js';
import { pageQuery } from '../../../platform/http/input/page-query.js';
import { refundRequestStatuses } from '../order.machine.js';
import { orderedItem } from '../order.schema.js';
import type { RefundRequest } from './refund-request.repository.js';

/** Without `items`, all that is left of the order. */
export const requestRefund = z.strictObject({
  reason: visibleText(80),
  items: z.array(orderedItem).min(1).max(100).optional(),
});
export type RequestRefundInput = z.output<typeof requestRefund>;

export const refundListQuery = z.strictObject(pageQuery());
export type RefundListQuery = z.output<typeof refundListQuery>;

export const refundRequestView = z.object({
  id: z.string(),
  orderId: z.string(),
  orderNumber: z.string(),
  status: z.enum(refundRequestStatuses),
  reason: z.string(),
  amountFen: z.int(),
  items: z.array(z.object({ skuId: z.string(), quantity: z.int(), amountFen: z.int() })),
  refusal: z.string().optional(),
  createdAt: z.iso.datetime(),
  decidedAt: z.iso.datetime().optional(),
  settledAt: z.iso.datetime().optional(),
  isByHand: z.literal(true).optional(),
});
export type RefundRequestView = z.output<typeof refundRequestView>;

export const refundRequestPage = z.object({
  items: z.array(refundRequestView),
  nextCursor: z.string().optional(),
});
export type RefundRequestPage = z.output<typeof refundRequestPage>;

/**
 * `amountFen` may be more than its items': it includes freight when nothing will be sent at all. `isByHand`: the
 * merchant has paid it back otherwise than by WeChat.
 */
export function toRefundRequestView(request: RefundRequest): RefundRequestView {
  const { id, orderId, orderNumber, status, reason, amountFen, items } = request;
  return {
    id,
    orderId,
    orderNumber,
    status,
    reason,
    amountFen,
    items: [...items],
    refusal: request.refusal ?? undefined,
    createdAt: request.createdAt.toISOString(),
    decidedAt: request.decidedAt?.toISOString(),
    settledAt: request.settledAt?.toISOString(),
    isByHand: request.isByHand || undefined,
  };
}

export function toRefundRequestPage({ items, nextCursor }: Page<RefundRequest>): RefundRequestPage {
  return { items: items.map(toRefundRequestView), nextCursor };
}
