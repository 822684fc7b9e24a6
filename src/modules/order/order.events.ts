import { z } from 'zod';
import { defineEvent } from '../../platform/queue/define-event.js';

const subject = { orderId: z.string(), number: z.string(), userId: z.string() };
const inOrder = { orderKey: ({ orderId }: { readonly orderId: string }) => orderId };

/** An order exists, its stock is reserved, and it waits for its money until `expiresAt`. */
export const OrderPlaced = defineEvent(
  'order.placed',
  z.object({ orderId: z.string(), number: z.string(), expiresAt: z.iso.datetime() }),
);

export const OrderPaid = defineEvent('order.paid', z.object(subject), inOrder);

export const OrderShipped = defineEvent(
  'order.shipped',
  z.object({ ...subject, carrier: z.string(), trackingNumber: z.string() }),
  inOrder,
);

/** An order ended unpaid. */
export const OrderCancelled = defineEvent(
  'order.cancelled',
  z.object({ ...subject, reason: z.enum(['by_customer', 'by_merchant', 'expired']) }),
  inOrder,
);
