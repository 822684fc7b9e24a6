import { fingerprint, notifyUrl, outTradeNo, upTo } from './prepay-rules.ts';
import { all, integer, list, oneOf, shape, text } from './rules.ts';
import type { Rule } from './rules.ts';

/** Body of `POST /v3/refund/domestic/refunds`; amounts in fen. */
export interface RefundBody {
  readonly transaction_id?: string;
  readonly out_trade_no?: string;
  readonly out_refund_no: string;
  readonly reason?: string;
  readonly notify_url?: string;
  readonly amount: { readonly refund: number; readonly total: number; readonly currency: 'CNY' };
}

const namesTheTrade: Rule = (value, field) => {
  const { transaction_id, out_trade_no } = value as RefundBody;
  if (transaction_id !== undefined || out_trade_no !== undefined) return undefined;
  return { field: `${field}/transaction_id`, value: undefined, issue: 'or out_trade_no is required' };
};

const from = shape({ account: oneOf('AVAILABLE', 'UNAVAILABLE'), amount: integer(1) });
const goods = shape(
  {
    merchant_goods_id: upTo(32),
    unit_price: integer(0),
    refund_amount: integer(0),
    refund_quantity: integer(1),
  },
  { wechatpay_goods_id: upTo(32), goods_name: upTo(256) },
);

export const refundRule = all(
  shape(
    {
      out_refund_no: text({ max: 64, pattern: /^[0-9A-Za-z_\-|*@]+$/ }),
      amount: shape(
        { refund: integer(1), total: integer(1), currency: oneOf('CNY') },
        { from: list(from, 8) },
      ),
    },
    {
      transaction_id: upTo(32),
      out_trade_no: outTradeNo,
      reason: upTo(80),
      notify_url: all(upTo(256), notifyUrl),
      funds_account: oneOf('AVAILABLE'),
      goods_detail: list(goods, 6000),
    },
  ),
  namesTheTrade,
);

export function isSameRefund(first: RefundBody, again: RefundBody): boolean {
  return fingerprint(first) === fingerprint(again);
}
