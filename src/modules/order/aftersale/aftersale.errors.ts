import { AppError } from '../../../kernel/app-error.js';
import type { OrderState, RefundRequestStatus } from '../order.machine.js';

export class OrderNotRefundable extends AppError {
  readonly kind = 'conflict';
  readonly code = 'order.not_refundable';
  override readonly title = {
    zh: '订单当前状态不能申请退款',
    en: 'No refund can be requested for the order now',
  };

  constructor(override readonly details: { readonly state: OrderState }) {
    super('only a paid order without an open refund can be refunded');
  }
}

/** WeChat refunds a payment for a year, and in at most fifty parts. What is due all the same is paid back otherwise. */
export class RefundNotPossible extends AppError {
  readonly kind = 'conflict';
  readonly code = 'order.refund_not_possible';
  override readonly title = {
    zh: '该订单已不能通过微信退款',
    en: 'WeChat makes no more refunds of this order',
  };

  constructor(override readonly details: { readonly reason: 'too_late' | 'too_many' }) {
    super('WeChat would refuse the refund for good');
  }
}

export class RefundItemsInvalid extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'order.refund_items_invalid';
  override readonly title = {
    zh: '退款商品或数量不正确',
    en: 'These items cannot be refunded in these quantities',
  };

  constructor(override readonly details: { readonly skuIds: readonly string[] }) {
    super('not in the order, or more units than are left');
  }
}

export class NothingToRefund extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'order.nothing_to_refund';
  override readonly title = { zh: '没有可退金额', en: 'Nothing was paid for this' };

  constructor() {
    super('the refund would be worth nothing');
  }
}

export class RefundRefusedOften extends AppError {
  readonly kind = 'conflict';
  readonly code = 'order.refund_refused_often';
  override readonly title = {
    zh: '该订单的退款申请已多次被拒绝，请联系商家',
    en: 'Refunds of this order were refused too often, contact the merchant',
  };

  constructor() {
    super('no more requests of the shopper for this order');
  }
}

export class RefundRequestNotFound extends AppError {
  readonly kind = 'absent';
  readonly code = 'order.refund_request_not_found';
  override readonly title = { zh: '退款申请不存在', en: 'No such refund request' };

  constructor() {
    super('no such refund request');
  }
}

export class RefundRequestDecided extends AppError {
  readonly kind = 'conflict';
  readonly code = 'order.refund_request_decided';
  override readonly title = { zh: '退款申请已处理', en: 'The refund request has been decided' };

  constructor(override readonly details: { readonly state: RefundRequestStatus }) {
    super('the refund request is not open for this');
  }
}
