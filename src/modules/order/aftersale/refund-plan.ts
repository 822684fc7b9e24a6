import type { Fen } from '../../../kernel/money.js';
import type { Quantity } from '../../../kernel/quantities.js';
import { RefundItemsInvalid, RefundNotPossible } from './aftersale.errors.js';

/** WeChat's: 365 days from the payment, 50 refunds of it. A day less, because requests wait for their approval. */
const longestMs = 364 * 86_400_000;
const mostRefunds = 50;

export interface RefundHistory {
  readonly paidAt: Date | null;
  /** Numbers that refunds of the order have been sent under, whatever became of them. */
  readonly refundCount: number;
}

/** What WeChat would refuse for good is refused before anything waits for it. @throws RefundNotPossible */
export function assertWechatRefunds({ paidAt, refundCount }: RefundHistory, now: Date): void {
  if (refundCount >= mostRefunds) throw new RefundNotPossible({ reason: 'too_many' });
  if (paidAt && now.getTime() - paidAt.getTime() > longestMs)
    throw new RefundNotPossible({ reason: 'too_late' });
}

/** An order line, what was paid for it after discounts, and how many of its units have gone back already. */
export interface RefundableLine {
  readonly skuId: string;
  readonly quantity: number;
  readonly paidFen: Fen;
  readonly refunded: number;
}

export interface RefundPlan {
  readonly items: readonly PlannedItem[];
  readonly itemsFen: Fen;
  /** Nothing of the order is left after this. */
  readonly isWhole: boolean;
}

export interface PlannedItem extends Quantity {
  readonly amountFen: Fen;
}

/**
 * What goes back for `units` more of a line. Rounding is cumulative: a line's refunds add up to exactly what was paid
 * for it, however it is cut up, and are never off by as much as one fen on the way.
 */
export function refundOfUnits({ quantity, paidFen, refunded }: RefundableLine, units: number): Fen {
  const paidFor = (count: number): Fen => Math.floor((paidFen * count) / quantity);
  return paidFor(refunded + units) - paidFor(refunded);
}

/**
 * What a refund of these items is worth, or of all that is left when none are named. Each SKU at most once.
 * @throws RefundItemsInvalid for a SKU that is not in the order, and for more units than are left
 */
export function planRefund(lines: readonly RefundableLine[], wanted?: readonly Quantity[]): RefundPlan {
  const units = new Map((wanted ?? lines.map(rest)).map(({ skuId, quantity }) => [skuId, quantity]));
  const known = new Map(lines.map(line => [line.skuId, rest(line).quantity]));
  const skuIds = [...units]
    .filter(([skuId, count]) => count > (known.get(skuId) ?? 0))
    .map(([skuId]) => skuId);
  if (skuIds.length > 0) throw new RefundItemsInvalid({ skuIds });
  const items = lines.flatMap(line => itemOf(line, units.get(line.skuId) ?? 0));
  return {
    items,
    itemsFen: items.reduce((sum, { amountFen }) => sum + amountFen, 0),
    isWhole: lines.every(line => rest(line).quantity === (units.get(line.skuId) ?? 0)),
  };
}

function rest({ skuId, quantity, refunded }: RefundableLine): Quantity {
  return { skuId, quantity: quantity - refunded };
}

function itemOf(line: RefundableLine, quantity: number): readonly PlannedItem[] {
  return quantity > 0 ? [{ skuId: line.skuId, quantity, amountFen: refundOfUnits(line, quantity) }] : [];
}
