import { chinaTime } from './clock.ts';
import type { RefundBody } from './refund-rules.ts';
import type { Trade } from './trades.ts';

export type RefundStatus = 'PROCESSING' | 'SUCCESS' | 'ABNORMAL' | 'CLOSED';
export type RefundOutcome = 'success' | 'abnormal' | 'closed';
export type SettledStatus = Exclude<RefundStatus, 'PROCESSING'>;

/** Where an outcome leads; an absent one is refused. What is ABNORMAL a person settles at the merchant platform. */
export const settlements: Readonly<
  Record<RefundStatus, Readonly<Partial<Record<RefundOutcome, SettledStatus>>>>
> = {
  PROCESSING: { success: 'SUCCESS', abnormal: 'ABNORMAL', closed: 'CLOSED' },
  ABNORMAL: { success: 'SUCCESS', closed: 'CLOSED' },
  SUCCESS: {},
  CLOSED: {},
};

export interface Refund {
  readonly status: RefundStatus;
  readonly refundId: string;
  readonly outTradeNo: string;
  readonly request: RefundBody;
  readonly createdAtMs: number;
  readonly settledAtMs?: number;
}

type Json = Record<string, unknown>;

/** The answer to a request and to a query. */
export function refundView(refund: Refund, trade: Trade): Json {
  const { refund: refunded, total } = refund.request.amount;
  return {
    ...common(refund, trade),
    channel: 'ORIGINAL',
    create_time: chinaTime(refund.createdAtMs),
    status: refund.status,
    funds_account: 'AVAILABLE',
    ...(refund.status === 'SUCCESS' && successTime(refund)),
    amount: {
      ...amount(refund),
      settlement_refund: refunded,
      settlement_total: total,
      discount_refund: 0,
      currency: 'CNY',
    },
  };
}

/** The plaintext of a notice: the status has another name there, and the merchant is named. */
export function refundNoticeView(refund: Refund, trade: Trade, status: SettledStatus): Json {
  return {
    mchid: trade.request.mchid,
    ...common(refund, trade),
    refund_status: status,
    ...(status === 'SUCCESS' && successTime(refund)),
    amount: amount(refund),
  };
}

function common({ refundId, request }: Refund, trade: Trade): Json {
  return {
    refund_id: refundId,
    out_refund_no: request.out_refund_no,
    transaction_id: trade.transactionId,
    out_trade_no: trade.request.out_trade_no,
    user_received_account: '支付用户零钱',
  };
}

function successTime({ settledAtMs, createdAtMs }: Refund): Json {
  return { success_time: chinaTime(settledAtMs ?? createdAtMs) };
}

function amount({ request }: Refund): Json {
  const { refund, total } = request.amount;
  return { total, refund, payer_total: total, payer_refund: refund };
}
