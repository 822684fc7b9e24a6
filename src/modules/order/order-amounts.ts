import { maxFen, sumFen, type Fen } from '../../kernel/money.js';

export interface PricedLine {
  readonly priceFen: Fen;
  readonly quantity: number;
  /** What the whole line costs less. */
  readonly discountFen: Fen;
}

export interface OrderAmounts {
  readonly itemsFen: Fen;
  readonly freightFen: Fen;
  readonly discountFen: Fen;
  readonly totalFen: Fen;
}

export interface FreightRule {
  readonly freightFen: Fen;
  /** Orders worth this much travel free. */
  readonly freeFreightFromFen: Fen;
}

/**
 * What an order costs, in whole fen; goods travel free by what they are worth before any discount. Null when that is
 * more than WeChat Pay and the database can carry.
 */
export function priceOrder(lines: readonly PricedLine[], rule: FreightRule): OrderAmounts | null {
  const itemsFen = sumFen(lines.map(({ priceFen, quantity }) => priceFen * quantity));
  const freightFen = itemsFen >= rule.freeFreightFromFen ? 0 : rule.freightFen;
  const discountFen = sumFen(lines.map(line => line.discountFen));
  const fullFen = itemsFen + freightFen;
  return fullFen > maxFen ? null : { itemsFen, freightFen, discountFen, totalFen: fullFen - discountFen };
}
