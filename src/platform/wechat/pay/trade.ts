import { z } from 'zod';

const tradeStates = [
  'SUCCESS',
  'REFUND',
  'NOTPAY',
  'CLOSED',
  'REVOKED',
  'USERPAYING',
  'PAYERROR',
  'ACCEPT',
] as const;

/** A state we do not know is an error, not a guess: money depends on it. */
export type TradeState = (typeof tradeStates)[number];

/**
 * A trade as WeChat Pay tells it, in an answer or a notice. Genuine, but not yet matched: the caller finds its own record
 * by `outTradeNo` and compares `appId`, `mchId`, `amountFen` and `payerOpenid` before it believes in a payment.
 */
export interface Trade {
  readonly appId: string;
  readonly mchId: string;
  readonly outTradeNo: string;
  /** Absent until paid, like `payerOpenid` and `successTime`. */
  readonly transactionId?: string;
  readonly state: TradeState;
  /** What the order costs; the payer may have paid less of their own with a coupon of WeChat's. */
  readonly amountFen?: number;
  readonly currency?: string;
  readonly payerOpenid?: string;
  readonly successTime?: Date;
}

/** Reads WeChat's form of a trade. */
export const tradeSchema = z
  .object({
    appid: z.string(),
    mchid: z.string(),
    out_trade_no: z.string(),
    transaction_id: z.string().min(1).optional(),
    trade_state: z.enum(tradeStates),
    success_time: z.iso.datetime({ offset: true }).optional(),
    payer: z.object({ openid: z.string().optional() }).optional(),
    amount: z.object({ total: z.int().nonnegative().optional(), currency: z.string().optional() }).optional(),
  })
  .transform(toTrade);

interface WireTrade {
  readonly appid: string;
  readonly mchid: string;
  readonly out_trade_no: string;
  readonly transaction_id?: string;
  readonly trade_state: TradeState;
  readonly success_time?: string;
  readonly payer?: { readonly openid?: string };
  readonly amount?: { readonly total?: number; readonly currency?: string };
}

function toTrade(wire: WireTrade): Trade {
  return {
    appId: wire.appid,
    mchId: wire.mchid,
    outTradeNo: wire.out_trade_no,
    transactionId: wire.transaction_id,
    state: wire.trade_state,
    amountFen: wire.amount?.total,
    currency: wire.amount?.currency,
    payerOpenid: wire.payer?.openid,
    successTime: wire.success_time === undefined ? undefined : new Date(wire.success_time),
  };
}
