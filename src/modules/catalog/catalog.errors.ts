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

export class CategoryNotFound extends AppError {
  readonly kind = 'absent';
  readonly code = 'catalog.category_not_found';
  override readonly title = { zh: '分类不存在', en: 'No such category' };

  constructor() {
    super('no such category');
  }
}

export class CategoryNameTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'catalog.category_name_taken';
  override readonly title = { zh: '分类名称已存在', en: 'There is a category of this name' };

  constructor() {
    super('there is a category of this name');
  }
}

export class CategoryNotEmpty extends AppError {
  readonly kind = 'conflict';
  readonly code = 'catalog.category_not_empty';
  override readonly title = {
    zh: '分类下还有商品（包括已下架的）',
    en: 'The category still has products, perhaps withdrawn ones',
  };

  constructor() {
    super('the category still has products');
  }
}

export class SkuNotFound extends AppError {
  readonly kind = 'absent';
  readonly code = 'catalog.sku_not_found';
  override readonly title = { zh: '规格不存在', en: 'No such SKU' };

  constructor() {
    super('no such SKU');
  }
}

/** A product on sale that nobody can order. */
export class NothingToSell extends AppError {
  readonly kind = 'conflict';
  readonly code = 'catalog.nothing_to_sell';
  override readonly title = {
    zh: '在售商品至少要有一个在售规格',
    en: 'A product on sale needs a SKU on sale',
  };

  constructor() {
    super('a product on sale needs a SKU on sale');
  }
}

export class TooManySkus extends AppError {
  readonly kind = 'conflict';
  readonly code = 'catalog.too_many_skus';
  override readonly title = { zh: '商品规格数量已达上限', en: 'The product has as many SKUs as it may' };

  constructor(override readonly details: { readonly limit: number }) {
    super('the product has as many SKUs as it may');
  }
}

/** The price that is crossed out has to be the higher one. */
export class MarketPriceTooLow extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'catalog.market_price_too_low';
  override readonly title = { zh: '划线价低于售价', en: 'The market price is below the price' };

  constructor(override readonly details: { readonly priceFen: number; readonly marketPriceFen: number }) {
    super('the market price is below the price');
  }
}
