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

export type OrderMove = 'pay' | 'cancel' | 'receive';

interface Rule {
  readonly from: readonly OrderState[];
  readonly to: OrderState;
}

/** The state machine, as data: the repository turns a rule into one conditional UPDATE. */
export const orderMoves: Readonly<Record<OrderMove, Rule>> = {
  pay: { from: ['awaiting_payment'], to: 'paid' },
  cancel: { from: ['awaiting_payment'], to: 'cancelled' },
  receive: { from: ['shipped'], to: 'received' },
};

export function canMove(state: OrderState, move: OrderMove): boolean {
  return orderMoves[move].from.includes(state);
}
