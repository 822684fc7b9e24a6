import { AppError } from '../../kernel/app-error.js';

export class ProductNotFound extends AppError {
  readonly kind = 'absent';
  readonly code = 'catalog.product_not_found';
  override readonly title = {
    zh: '商品不存在或已下架',
    en: 'This product does not exist or is no longer sold',
  };

  constructor() {
    super('no such product on sale');
  }
}
