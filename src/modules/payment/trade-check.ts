import type { Trade } from '../../platform/wechat/trade.js';
import type { Capture } from './payment.contract.js';
import { PaymentMismatch } from './payment.errors.js';

/** What we know about a payment, from our own database and configuration. */
export interface ExpectedTrade {
  readonly appId: string;
  readonly mchId: string;
  readonly reference: string;
  readonly amountFen: number;
  readonly payerOpenid: string;
}

/**
 * The capture that a paid trade proves. A genuine signature only says that WeChat sent it; that it is paid, and about
 * this payment, this much money and this payer, is compared here.
 * @throws PaymentMismatch naming the fields that differ
 */
export function captureOf(trade: Trade, expected: ExpectedTrade): Capture {
  const { transactionId, amountFen, successTime } = trade;
  const differing = Object.entries({
    trade_state: isPaid(trade),
    appid: trade.appId === expected.appId,
    mchid: trade.mchId === expected.mchId,
    out_trade_no: trade.outTradeNo === expected.reference,
    amount: amountFen === expected.amountFen,
    currency: (trade.currency ?? 'CNY') === 'CNY',
    payer: trade.payerOpenid === expected.payerOpenid,
    transaction_id: transactionId !== undefined,
  }).flatMap(([field, same]) => (same ? [] : [field]));
  if (differing.length > 0 || transactionId === undefined) throw new PaymentMismatch(differing);
  return { transactionId, amountFen: expected.amountFen, paidAt: successTime ?? new Date() };
}

/** REFUND means that it was paid and some of it went back since. */
export function isPaid({ state }: Trade): boolean {
  return state === 'SUCCESS' || state === 'REFUND';
}
