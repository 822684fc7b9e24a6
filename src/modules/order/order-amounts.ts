import { maxFen, sumFen, type Fen } from '../../kernel/money.js';

export interface PricedLine {
  readonly priceFen: Fen;
  readonly quantity: number;
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

/** What an order costs, in whole fen. Null when that is more than WeChat Pay and the database can carry. */
export function priceOrder(lines: readonly PricedLine[], rule: FreightRule): OrderAmounts | null {
  const itemsFen = sumFen(lines.map(({ priceFen, quantity }) => priceFen * quantity));
  const freightFen = itemsFen >= rule.freeFreightFromFen ? 0 : rule.freightFen;
  const totalFen = itemsFen + freightFen;
  return totalFen > maxFen ? null : { itemsFen, freightFen, discountFen: 0, totalFen };
}
