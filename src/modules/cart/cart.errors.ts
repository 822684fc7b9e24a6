import { AppError } from '../../kernel/app-error.js';

export class SkuNotFound extends AppError {
  readonly kind = 'absent';
  readonly code = 'cart.sku_not_found';
  override readonly title = { zh: '商品不存在', en: 'No such product' };

  constructor(skuId: string) {
    super(`no SKU ${skuId}`);
  }
}

export class SkuWithdrawn extends AppError {
  readonly kind = 'conflict';
  readonly code = 'cart.sku_withdrawn';
  override readonly title = { zh: '商品已下架', en: 'This product is no longer sold' };

  constructor(override readonly details: { readonly skuId: string }) {
    super('the SKU is withdrawn');
  }
}

export class BeyondStock extends AppError {
  readonly kind = 'conflict';
  readonly code = 'cart.beyond_stock';
  override readonly title = { zh: '库存不足', en: 'Not that many in stock' };

  constructor(
    override readonly details: {
      readonly skuId: string;
      readonly requested: number;
      readonly available: number;
    },
  ) {
    super('more than the stock allows');
  }
}

export class CartFull extends AppError {
  readonly kind = 'conflict';
  readonly code = 'cart.full';
  override readonly title = { zh: '购物车已满', en: 'The cart is full' };

  constructor(override readonly details: { readonly maxLines: number }) {
    super('the cart has its most lines');
  }
}
