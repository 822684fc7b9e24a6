import { defineJob } from '../../../platform/queue/define-job.js';
import { RefundRequested } from '../payment.events.js';

/** Of its own: WeChat's pace for refunds must not keep anything else waiting. */
export const refundQueue = 'refund';

/** WeChat learns of a refund right after it was recorded. The poller does it when this comes to nothing. */
export const SendRefund = defineJob('payment.send-refund', { queue: refundQueue, on: RefundRequested });
