import { AppError } from '../../kernel/app-error.js';

export class PaymentNotFound extends AppError {
  readonly kind = 'absent';
  readonly code = 'payment.not_found';
  override readonly title = { zh: '支付单不存在', en: 'No such payment' };

  constructor(reference: string) {
    super(`no payment for ${reference}`);
  }
}

/** It is paid or closed already; the order's state says which. */
export class PaymentNotPossible extends AppError {
  readonly kind = 'conflict';
  readonly code: 'payment.already_captured' | 'payment.closed';
  override readonly title;

  constructor(status: 'captured' | 'closed') {
    super(`the payment is ${status}`);
    this.code = status === 'captured' ? 'payment.already_captured' : 'payment.closed';
    this.title =
      status === 'captured'
        ? { zh: '订单已支付', en: 'Already paid' }
        : { zh: '支付已关闭', en: 'The payment is closed' };
  }
}

/** A genuine message from WeChat that does not match our record: wrong app, merchant, amount or payer. */
export class PaymentMismatch extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'payment.mismatch';

  constructor(fields: readonly string[]) {
    super(`WeChat's trade differs from our payment in: ${fields.join(', ')}`);
  }
}
