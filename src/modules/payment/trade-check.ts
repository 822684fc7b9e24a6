import type { Trade } from '../../platform/wechat/pay/trade.js';
import type { Capture } from './payment.contract.js';
import { PaymentMismatch } from './payment.errors.js';

/** What we know about a payment, from our own database and configuration. */
export interface ExpectedTrade {
  readonly appId: string;
  readonly mchId: string;
  readonly amountFen: number;
  readonly payerOpenid: string;
}

/**
 * The capture that a paid trade proves. A genuine signature only says that WeChat sent it; that it is paid, at this app
 * and merchant, this much money by this payer, is compared here. `expected` was found by the trade's own number; that
 * the number is the one we asked about is `PayClient.query`'s promise. `now` stands in where WeChat names no time.
 * @throws PaymentMismatch naming the fields that differ
 */
export function captureOf(trade: Trade, expected: ExpectedTrade, now: Date): Capture {
  const { transactionId, amountFen, successTime } = trade;
  const differing = Object.entries({
    trade_state: isPaid(trade),
    appid: trade.appId === expected.appId,
    mchid: trade.mchId === expected.mchId,
    amount: amountFen === expected.amountFen,
    currency: (trade.currency ?? 'CNY') === 'CNY',
    payer: trade.payerOpenid === expected.payerOpenid,
    transaction_id: transactionId !== undefined,
  }).flatMap(([field, same]) => (same ? [] : [field]));
  if (differing.length > 0 || transactionId === undefined) throw new PaymentMismatch(differing);
  return { transactionId, amountFen: expected.amountFen, paidAt: successTime ?? now };
}

/** REFUND means that it was paid and some of it went back since. */
export function isPaid({ state }: Trade): boolean {
  return state === 'SUCCESS' || state === 'REFUND';
}
