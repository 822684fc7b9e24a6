import { found, get, post } from './control-route.ts';
import type { ControlRoute } from './control-route.ts';
import { parseJson } from './http.ts';
import type { Answer, SandboxRequest } from './http.ts';
import { refundView } from './refund.ts';
import type { Refund, RefundOutcome } from './refund.ts';
import type { Refunds } from './refunds.ts';
import { check, flag, InvalidInput, oneOf, shape, text } from './rules.ts';
import type { Trades } from './trades.ts';

interface RefundInput {
  readonly outRefundNo: string;
  readonly outcome: RefundOutcome;
  /** Answer only after the first delivery attempt. */
  readonly waitForNotify?: boolean;
}

const refundRule = shape(
  { outRefundNo: text({ max: 64 }), outcome: oneOf('success', 'abnormal', 'closed') },
  { waitForNotify: flag },
);

/** The bank's word on a refund, and the merchant's at the platform on an abnormal one. */
export function refundControls(refunds: Refunds, trades: Trades): readonly ControlRoute[] {
  const view = (refund: Refund | undefined): Answer => {
    const trade = refund && trades.find(refund.outTradeNo);
    return found(trade && refundView(refund, trade));
  };
  const settle = async (request: SandboxRequest): Promise<Answer> => {
    const { outRefundNo, outcome, waitForNotify } = check<RefundInput>(refundRule, parseJson(request.body));
    const refund = refunds.find(outRefundNo);
    if (!refund) return found(undefined);
    const settled = refunds.settle(refund, outcome);
    if (!settled)
      throw new InvalidInput({ field: '/outcome', value: outcome, issue: `is too late: ${refund.status}` });
    if (waitForNotify) await settled.told;
    return view(settled.refund);
  };
  return [
    post('refunds', settle),
    get('refunds/:outRefundNo', (_, [outRefundNo = '']) => view(refunds.find(outRefundNo))),
  ];
}
