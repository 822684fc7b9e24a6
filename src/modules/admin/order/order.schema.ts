import { z } from 'zod';
import { visibleText } from '../../../platform/http/input/input-fields.js';
import { pageQuery } from '../../../platform/http/input/page-query.js';
import { orderStates, orderView } from '../../order/order.contract.js';

/** Malformed ids answer 404 like unknown ones. */
export const orderId = z.string().max(64);

export const adminOrderQuery = z.strictObject({
  status: z.enum(orderStates).optional(),
  number: z.string().min(1).max(64).optional(),
  userId: z.string().min(1).max(64).optional().describe('orders of one shopper'),
  ...pageQuery(),
});
export type AdminOrderQuery = z.output<typeof adminOrderQuery>;

export const shipOrder = z.strictObject({
  carrier: visibleText(64).describe('its id in WeChat’s list of carriers: SF'),
  trackingNumber: visibleText(64),
});
export type ShipOrderInput = z.output<typeof shipOrder>;

export const adminOrderView = orderView.extend({ userId: z.string() });

/** Whom it goes to is told where an order is looked at, not in every list of fifty. */
const orderSummaryView = adminOrderView.omit({ address: true });

export const adminOrderPage = z.object({
  items: z.array(orderSummaryView),
  nextCursor: z.string().optional(),
});
