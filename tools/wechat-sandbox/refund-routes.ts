import { parseJson } from './http.ts';
import type { Route } from './http.ts';
import { PayError, payReply } from './pay-error.ts';
import type { PayReply } from './pay-error.ts';
import { refundRule } from './refund-rules.ts';
import type { RefundBody } from './refund-rules.ts';
import { refundView } from './refund.ts';
import type { Refund } from './refund.ts';
import type { Refunds } from './refunds.ts';
import { check } from './rules.ts';
import type { Trades } from './trades.ts';

const path = '/v3/refund/domestic/refunds';

export function refundRoutes(refunds: Refunds, trades: Trades): readonly Route<PayReply>[] {
  const view = (refund: Refund | undefined): PayReply => {
    const trade = refund && trades.find(refund.outTradeNo);
    if (!trade) throw new PayError('RESOURCE_NOT_EXISTS', '退款单不存在');
    return payReply(200, refundView(refund, trade));
  };
  return [
    {
      method: 'POST',
      path,
      handle: request => view(refunds.request(check<RefundBody>(refundRule, parseJson(request.body)))),
    },
    { method: 'GET', path: `${path}/:outRefundNo`, handle: (_, [no = '']) => view(refunds.find(no)) },
  ];
}
