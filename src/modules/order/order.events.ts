import { z } from 'zod';
import { defineEvent } from '../../platform/queue/define-event.js';

/** An order exists, its stock is reserved, and it waits for its money until `expiresAt`. */
export const OrderPlaced = defineEvent(
  'order.placed',
  z.object({ orderId: z.string(), number: z.string(), expiresAt: z.iso.datetime() }),
);
