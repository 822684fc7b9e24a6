import { defineJob } from '../../../platform/queue/define-job.js';
import { RefundSettled } from '../../payment/payment.events.js';

export const afterSaleQueue = 'after-sale';

/** The order learns how a refund of it has ended. */
export const ApplyRefund = defineJob('order.apply-refund', { queue: afterSaleQueue, on: RefundSettled });
