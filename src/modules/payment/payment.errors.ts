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

/** WeChat does not want this payment: the payer's account, a limit, the order itself. `reason` is WeChat's word. */
export class PaymentRefused extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'payment.refused';
  override readonly title = { zh: '微信支付拒绝了该笔付款', en: 'WeChat Pay refused this payment' };

  constructor(
    override readonly details: { readonly reason: string },
    cause: unknown,
  ) {
    super(`WeChat Pay refused the prepay: ${details.reason}`, { cause });
  }
}

/** WeChat does not say whether the payment is paid, or neither closed it nor says that it is. Trying again is safe. */
export class PaymentUndecided extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'payment.undecided';
  override readonly retryAfterSeconds = 5;

  constructor(cause: unknown) {
    super('WeChat Pay does not say how the payment has ended', { cause });
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

/** More would go back than has come in. */
export class RefundExceedsPayment extends AppError {
  readonly kind = 'conflict';
  readonly code = 'payment.refund_exceeds_payment';
  override readonly title = { zh: '退款金额超过可退金额', en: 'More than what is left to refund' };

  constructor(override readonly details: { readonly refundableFen: number }) {
    super('refunds may not exceed what was captured');
  }
}

/** The number belongs to another refund: only a mistake of ours can do that. */
export class RefundNumberTaken extends AppError {
  readonly kind = 'internal';
  readonly code = 'payment.refund_number_taken';

  constructor(refundNo: string) {
    super(`refund ${refundNo} was requested before, for something else`);
  }
}

export class RefundNotFound extends AppError {
  readonly kind = 'absent';
  readonly code = 'payment.refund_not_found';
  override readonly title = { zh: '退款单不存在', en: 'No such refund' };

  constructor(refundNo: string) {
    super(`no refund ${refundNo}`);
  }
}

/** A genuine message from WeChat that does not match our record of a refund. */
export class RefundMismatch extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'payment.refund_mismatch';

  constructor(fields: readonly string[]) {
    super(`WeChat's refund differs from ours in: ${fields.join(', ')}`);
  }
}
