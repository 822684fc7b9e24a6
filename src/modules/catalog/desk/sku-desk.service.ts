import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import { SkuDesk, type Change, type SkuInput, type SkuRecord } from '../catalog-desk.contract.js';
import { ProductNotFound, SkuNotFound, TooManySkus } from '../catalog.errors.js';
import { CatalogChanges } from './catalog-changes.js';
import { ProductDeskRepository } from './product-desk.repository.js';
import { ProductPrice } from './product-price.js';
import { SkuDeskRepository, type SkuChange } from './sku-desk.repository.js';

/** Of one product, with those that are withdrawn: its page shows them all at once. */
const maxSkus = 100;

@Injectable()
export class SkuDeskService extends SkuDesk {
  constructor(
    private readonly transactor: Transactor,
    private readonly products: ProductDeskRepository,
    private readonly skus: SkuDeskRepository,
    private readonly price: ProductPrice,
    private readonly changes: CatalogChanges,
  ) {
    super();
  }

  async get(id: string): Promise<SkuRecord> {
    const sku = await this.skus.find(id);
    if (!sku) throw new SkuNotFound();
    return sku;
  }

  add(productId: string, input: SkuInput): Promise<SkuRecord> {
    return this.transactor.run(async () => {
      const product = await this.products.lock(productId);
      if (!product) throw new ProductNotFound();
      const { length } = await this.skus.listOf(product.id);
      if (length >= maxSkus) throw new TooManySkus({ limit: maxSkus });
      const sku = await this.skus.insert(product.id, input);
      await this.price.keep(product);
      this.changes.ofProduct(product.id);
      return sku;
    });
  }

  update(id: string, change: Partial<SkuInput>): Promise<Change<SkuRecord>> {
    return this.change(id, change);
  }

  withdraw(id: string): Promise<Change<SkuRecord>> {
    return this.change(id, { status: 'withdrawn' });
  }

  putOnSale(id: string): Promise<Change<SkuRecord>> {
    return this.change(id, { status: 'on_sale' });
  }

  async noteStockChange(id: string): Promise<void> {
    const { productId } = await this.get(id);
    this.changes.ofStock(productId);
  }

  private change(id: string, change: SkuChange): Promise<Change<SkuRecord>> {
    return this.transactor.run(async () => {
      const { productId } = await this.get(id);
      const product = await this.products.lock(productId);
      const before = await this.get(id);
      const after = await this.skus.update(id, change);
      await this.price.keep(product!);
      this.changes.ofProduct(productId);
      return { before, after };
    });
  }
}
