import type { RefundStatus } from '../payment.contract.js';

/** How a refund has come to its end, for now or for good. */
export type SettledStatus = Extract<RefundStatus, 'succeeded' | 'closed' | 'abnormal'>;

/**
 * From where WeChat's word may lead to a state. Answers and notices overtake one another: what is final stays, and a
 * late "processing" takes nothing back. An abnormal refund is settled by hand and may still end either way.
 */
export const refundMoves: Readonly<Record<Exclude<RefundStatus, 'requested'>, readonly RefundStatus[]>> = {
  processing: ['requested'],
  abnormal: ['requested', 'processing'],
  succeeded: ['requested', 'processing', 'abnormal'],
  closed: ['requested', 'processing', 'abnormal'],
};

export function isFinal(status: RefundStatus): boolean {
  return status === 'succeeded' || status === 'closed';
}
