import { AppError, type ErrorKind } from '../../../kernel/app-error.js';
import { normalised } from '../wechat-error.js';

/**
 * `not_enough`: the merchant's balance is short; the same request works once it is not. `payer_account`: the payer's
 * account cannot take money. `conflict`: against what WeChat Pay knows: more than was paid, too late, too many, or the
 * number was used for another refund. `trade_unknown`: no such trade. `other`: see `errcode`.
 */
export type RefundRefusal = 'not_enough' | 'payer_account' | 'conflict' | 'trade_unknown' | 'other';

const refusals: readonly (readonly [RefundRefusal, readonly string[]])[] = [
  ['not_enough', ['NOTENOUGH']],
  ['payer_account', ['USERACCOUNTABNORMAL']],
  ['conflict', ['INVALIDREQUEST', 'TRADEERROR', 'RULELIMIT']],
  ['trade_unknown', ['RESOURCENOTEXISTS', 'ORDERNOTEXIST']],
];

/** WeChat Pay understood the refund and does not make it. Nothing has moved. */
export class RefundRefused extends AppError {
  readonly kind: ErrorKind = 'unprocessable';
  readonly code = 'wechat.refund_refused';
  override readonly title = { zh: '微信支付拒绝了该笔退款', en: 'WeChat Pay refused this refund' };
  override readonly details: { readonly reason: RefundRefusal };

  constructor(
    readonly errcode: number | string,
    reason: string,
    cause?: unknown,
  ) {
    super(`WeChat Pay refused the refund: ${errcode} ${reason}`, { cause });
    this.details = { reason: meaningOf(errcode) };
  }
}

function meaningOf(errcode: number | string): RefundRefusal {
  const code = normalised(String(errcode));
  return refusals.find(([, codes]) => codes.includes(code))?.[0] ?? 'other';
}

/** WeChat Pay has never seen a refund of this number: ask for it, under this number. */
export class RefundUnknown extends AppError {
  readonly kind: ErrorKind = 'absent';
  readonly code = 'wechat.refund_unknown';
  override readonly title = { zh: '退款单不存在', en: 'No such refund' };

  constructor(outRefundNo: string) {
    super(`WeChat Pay knows no refund ${outRefundNo}`);
  }
}
