import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import { Payments } from '../../payment/payment.contract.js';
import { ApplyPaymentToOrder } from './apply-payment.js';
import { canMove } from '../order.machine.js';
import { EndUnpaidOrder } from './end-unpaid-order.js';
import type { CancelReason, Order } from '../order.repository.js';

/**
 * Cancels an unpaid order, by the shopper, the merchant or time. First nobody may be able to pay any more (closed at WeChat,
 * outside any transaction), then the order is cancelled and what it held returns, together and once.
 */
@Injectable()
export class CancelOrder {
  constructor(
    private readonly payments: Payments,
    private readonly endUnpaidOrder: EndUnpaidOrder,
    private readonly applyPayment: ApplyPaymentToOrder,
    private readonly transactor: Transactor,
  ) {}

  /**
   * False when the order is not waiting for its money (any more); if the money came first, the order is paid now.
   * `alongside` becomes true together with the cancellation.
   * @throws WechatUnavailable: nothing has happened, try again
   */
  async execute(order: Order, reason: CancelReason, alongside?: () => Promise<void>): Promise<boolean> {
    if (!canMove(order.status, 'cancel')) return false;
    const outcome = await this.payments.close(order.number);
    if (outcome.status === 'captured') {
      await this.applyPayment.onCapture(order.number, outcome.capture);
      return false;
    }
    return this.transactor.run(async () => {
      const isCancelled = await this.endUnpaidOrder.execute(order, reason);
      if (isCancelled) await alongside?.();
      return isCancelled;
    });
  }
}
