import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../../kernel/clock.js';
import { Inbox } from '../../../platform/events/inbox.js';
import { OrderRepository } from '../order.repository.js';
import { ReturnLatePayment } from '../settlement/return-late-payment.js';
import { EndRefund } from './end-refund.js';
import { RefundRequestRepository, type RefundRequest } from './refund-request.repository.js';

export interface RefundOutcome {
  readonly refundNo: string;
  /** The order's number. */
  readonly reference: string;
  readonly status: 'succeeded' | 'closed' | 'abnormal';
}

/** How a refund ended at WeChat ends the request, and lets the order go on. Happens once. */
@Injectable()
export class ApplyRefundToOrder {
  private readonly logger = new Logger(ApplyRefundToOrder.name);

  constructor(
    private readonly orders: OrderRepository,
    private readonly requests: RefundRequestRepository,
    private readonly endRefund: EndRefund,
    private readonly returnLatePayment: ReturnLatePayment,
    private readonly inbox: Inbox,
    private readonly clock: Clock,
  ) {}

  async onEvent(eventId: string, outcome: RefundOutcome): Promise<void> {
    await this.inbox.once('order.apply-refund', eventId, () => this.apply(outcome));
  }

  private async apply({ refundNo, reference, status }: RefundOutcome): Promise<void> {
    if (status !== 'succeeded') this.logger.error({ refundNo, status }, 'a refund did not reach the shopper');
    // An abnormal refund may still succeed.
    if (status === 'abnormal') return;
    const request = await this.requests.findByRefundNo(refundNo);
    if (!request) return status === 'closed' ? this.repeat(reference) : undefined;
    await this.orders.lock(request.orderId);
    if (status === 'closed') await this.requests.markSettled(request.id, 'failed', this.clock.now());
    else await this.succeed(request);
  }

  /** Money that came too late goes back without a request, so nobody else would ask for it again. */
  private async repeat(number: string): Promise<void> {
    const order = await this.orders.findByNumber(number);
    if (order?.status === 'cancelled') await this.returnLatePayment.execute(order);
  }

  private async succeed(request: RefundRequest): Promise<void> {
    const now = this.clock.now();
    if (await this.requests.markSettled(request.id, 'succeeded', now))
      await this.endRefund.execute(request, now);
  }
}
