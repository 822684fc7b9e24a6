import { defineJob } from '../../../platform/queue/define-job.js';
import { PaymentCaptured } from '../../payment/payment.events.js';
import { OrderPlaced } from '../order.events.js';

export const orderQueue = 'order';
/** Of its own: thousands of orders that expire at once must not keep a payment waiting. */
export const orderExpiryQueue = 'order-expiry';

/** Cancels an order that nobody has paid. The sweeper finds what this job missed. */
export const ExpireOrder = defineJob('order.expire', {
  queue: orderExpiryQueue,
  on: OrderPlaced,
  dueAt: ({ expiresAt }) => new Date(expiresAt),
});

/** The order learns that its money has arrived. */
export const ApplyPayment = defineJob('order.apply-payment', { queue: orderQueue, on: PaymentCaptured });
