import { Injectable } from '@nestjs/common';
import { lastIdOf, pageOf, type Page } from '../../../kernel/page.js';
import { Transactor } from '../../../platform/database/transactor.js';
import {
  ProductDesk,
  type Change,
  type NewProduct,
  type ProductFilter,
  type ProductInput,
  type ProductRecord,
  type ProductSummary,
} from '../catalog-desk.contract.js';
import { CategoryNotFound, ProductNotFound } from '../catalog.errors.js';
import { CatalogChanges } from './catalog-changes.js';
import { CategoryDeskRepository } from './category-desk.repository.js';
import { ProductDeskRepository } from './product-desk.repository.js';
import { assertMarketPrice, ProductPrice } from './product-price.js';
import { SkuDeskRepository } from './sku-desk.repository.js';

@Injectable()
export class ProductDeskService extends ProductDesk {
  constructor(
    private readonly transactor: Transactor,
    private readonly categories: CategoryDeskRepository,
    private readonly products: ProductDeskRepository,
    private readonly skus: SkuDeskRepository,
    private readonly price: ProductPrice,
    private readonly changes: CatalogChanges,
  ) {
    super();
  }

  async list({ cursor, limit, ...filter }: ProductFilter): Promise<Page<ProductSummary>> {
    const rows = await this.products.list({ ...filter, limit: limit + 1, beforeId: lastIdOf(cursor) });
    return pageOf(rows, limit, ({ id }) => [id]);
  }

  async get(id: string): Promise<ProductRecord> {
    const product = await this.products.find(id);
    if (!product) throw new ProductNotFound();
    return { ...product, skus: await this.skus.listOf(product.id) };
  }

  create({ skus, ...input }: NewProduct): Promise<ProductRecord> {
    return this.transactor.run(async () => {
      await this.holdCategory(input.categoryId);
      const priceFen = Math.min(...skus.map(sku => sku.priceFen));
      assertMarketPrice(priceFen, input.marketPriceFen);
      const product = await this.products.insert(input, priceFen);
      for (const sku of skus) await this.skus.insert(product.id, sku);
      return { ...product, skus: await this.skus.listOf(product.id) };
    });
  }

  update(id: string, change: Partial<ProductInput>): Promise<Change<ProductSummary>> {
    return this.transactor.run(async () => {
      if (change.categoryId !== undefined) await this.holdCategory(change.categoryId);
      const before = await this.lock(id);
      assertMarketPrice(before.priceFen, change.marketPriceFen);
      return { before, after: await this.products.update(before.id, change) };
    });
  }

  withdraw(id: string): Promise<Change<ProductSummary>> {
    return this.transactor.run(async () => {
      const before = await this.lock(id);
      return { before, after: await this.products.setStatus(before.id, 'withdrawn') };
    });
  }

  putOnSale(id: string): Promise<Change<ProductSummary>> {
    return this.transactor.run(async () => {
      const before = await this.lock(id);
      const after = await this.products.setStatus(before.id, 'on_sale');
      await this.price.keep(after);
      return { before, after };
    });
  }

  private async holdCategory(id: string): Promise<void> {
    if (!(await this.categories.hold(id))) throw new CategoryNotFound();
  }

  /** Before a change of it. */
  private async lock(id: string): Promise<ProductSummary> {
    const product = await this.products.lock(id);
    if (!product) throw new ProductNotFound();
    this.changes.ofProduct(product.id);
    return product;
  }
}
