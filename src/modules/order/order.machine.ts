/** Every state an order can be in, as the API names them. */
export const orderStates = [
  'awaiting_payment',
  'paid',
  'shipped',
  'received',
  'completed',
  'cancelled',
  'refunding',
  'refunded',
] as const;
export type OrderState = (typeof orderStates)[number];

export type OrderMove = 'pay' | 'cancel' | 'ship' | 'receive' | 'complete' | 'start_refund' | 'finish_refund';

interface Rule {
  readonly from: readonly OrderState[];
  readonly to: OrderState;
}

/**
 * The state machine, as data: the repository turns a rule into one conditional UPDATE. One move is not here: a refund
 * that is refused, or was of a part, takes the order back to the state it was in before.
 */
export const orderMoves: Readonly<Record<OrderMove, Rule>> = {
  pay: { from: ['awaiting_payment'], to: 'paid' },
  cancel: { from: ['awaiting_payment'], to: 'cancelled' },
  ship: { from: ['paid'], to: 'shipped' },
  receive: { from: ['shipped'], to: 'received' },
  complete: { from: ['received'], to: 'completed' },
  start_refund: { from: ['paid', 'shipped', 'received', 'completed'], to: 'refunding' },
  finish_refund: { from: ['refunding'], to: 'refunded' },
};

export function canMove(state: OrderState, move: OrderMove): boolean {
  return orderMoves[move].from.includes(state);
}

/**
 * `failed`: WeChat has closed the refund; approving it again sends it under another number. The order stays `refunding`
 * from the request until it is refused or has succeeded.
 */
export const refundRequestStatuses = ['requested', 'approved', 'refused', 'succeeded', 'failed'] as const;
export type RefundRequestStatus = (typeof refundRequestStatuses)[number];
