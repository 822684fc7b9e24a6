import { z } from 'zod';

const refundStatuses = ['SUCCESS', 'CLOSED', 'PROCESSING', 'ABNORMAL'] as const;

/**
 * `PROCESSING`: accepted, nothing has moved. `ABNORMAL`: the money could not be given back the way it came; somebody has
 * to decide at the merchant platform. `CLOSED`: it never will be, and may be asked for again under another number.
 * A status we do not know is an error, not a guess.
 */
export type RefundStatus = (typeof refundStatuses)[number];

/** A refund as WeChat Pay tells it, in an answer or a notice. */
export interface Refund {
  readonly refundId: string;
  readonly outRefundNo: string;
  readonly outTradeNo: string;
  readonly status: RefundStatus;
  /** What goes back. */
  readonly amountFen: number;
  /** What the whole trade cost. */
  readonly totalFen: number;
  /** Absent until `SUCCESS`. */
  readonly successTime?: Date;
}

const common = z.object({
  refund_id: z.string().min(1),
  out_refund_no: z.string(),
  out_trade_no: z.string(),
  success_time: z.iso.datetime({ offset: true }).optional(),
  amount: z.object({ refund: z.int().positive(), total: z.int().positive() }),
});

/** Reads the answer to a request or a query. */
export const refundSchema = common
  .extend({ status: z.enum(refundStatuses) })
  .transform(({ status, ...wire }) => toRefund(wire, status));

/** Reads the plaintext of a notice, which names the status otherwise and the merchant besides. */
export const refundNoticeSchema = common
  .extend({ mchid: z.string(), refund_status: z.enum(refundStatuses) })
  .transform(({ mchid, refund_status: status, ...wire }) => ({
    mchId: mchid,
    refund: toRefund(wire, status),
  }));

function toRefund(wire: z.output<typeof common>, status: RefundStatus): Refund {
  return {
    refundId: wire.refund_id,
    outRefundNo: wire.out_refund_no,
    outTradeNo: wire.out_trade_no,
    status,
    amountFen: wire.amount.refund,
    totalFen: wire.amount.total,
    successTime: wire.success_time === undefined ? undefined : new Date(wire.success_time),
  };
}
