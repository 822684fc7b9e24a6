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
