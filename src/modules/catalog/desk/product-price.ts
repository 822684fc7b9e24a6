import { Injectable } from '@nestjs/common';
import type { ProductSummary } from '../catalog-desk.contract.js';
import { MarketPriceTooLow, NothingToSell } from '../catalog.errors.js';
import { ProductDeskRepository } from './product-desk.repository.js';
import { SkuDeskRepository } from './sku-desk.repository.js';

/** A product's price is the lowest of its SKUs on sale, kept in the product because lists are sorted by it. */
@Injectable()
export class ProductPrice {
  constructor(
    private readonly products: ProductDeskRepository,
    private readonly skus: SkuDeskRepository,
  ) {}

  /** After every change of SKUs, under the lock on their product. @throws NothingToSell, MarketPriceTooLow */
  async keep({ id, status, priceFen, marketPriceFen }: ProductSummary): Promise<void> {
    const lowest = await this.skus.findLowestPrice(id);
    if (lowest === null && status === 'on_sale') throw new NothingToSell();
    if (lowest === null || lowest === priceFen) return;
    assertMarketPrice(lowest, marketPriceFen);
    await this.products.setPrice(id, lowest);
  }
}

/** @throws MarketPriceTooLow */
export function assertMarketPrice(priceFen: number, marketPriceFen: number | undefined): void {
  if (!marketPriceFen || marketPriceFen >= priceFen) return;
  throw new MarketPriceTooLow({ priceFen, marketPriceFen });
}
