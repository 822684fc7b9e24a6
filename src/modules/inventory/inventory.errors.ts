import { AppError } from '../../kernel/app-error.js';

export interface ShortLine {
  readonly skuId: string;
  readonly requested: number;
  readonly available: number;
}

export class InsufficientStock extends AppError {
  readonly kind = 'conflict';
  readonly code = 'inventory.insufficient_stock';
  override readonly title = { zh: '库存不足', en: 'Not enough stock' };
  override readonly details: { readonly lines: readonly ShortLine[] };

  constructor(lines: readonly ShortLine[]) {
    super(`not enough stock for ${lines.length} line(s)`);
    this.details = { lines };
  }
}

type RefusedChange = Readonly<Record<'onHand' | 'reserved' | 'delta', number>>;

/** Promised to orders that wait for their payment. */
export class StockBelowReserved extends AppError {
  readonly kind = 'conflict';
  readonly code = 'inventory.below_reserved';
  override readonly title = {
    zh: '调整后的库存少于已预占数量',
    en: 'Fewer units would be left than are reserved',
  };

  constructor(override readonly details: RefusedChange) {
    super('fewer units would be left than are reserved');
  }
}

export class StockTooLarge extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'inventory.too_large';
  override readonly title = { zh: '库存数量过大', en: 'More units than can be counted' };

  constructor(override readonly details: RefusedChange & { readonly limit: number }) {
    super('more units than can be counted');
  }
}
