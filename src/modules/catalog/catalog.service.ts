import { Injectable } from '@nestjs/common';
import { pageOf, type Page } from '../../kernel/page.js';
import { HttpConfig } from '../../platform/http/http.config.js';
import {
  Catalog,
  type CatalogIds,
  type CatalogSku,
  type Category,
  type ProductCard,
  type ProductQuery,
} from './catalog.contract.js';
import { ProductNotFound } from './catalog.errors.js';
import { CatalogRepository } from './catalog.repository.js';
import {
  toCatalogSku,
  toCategory,
  toProductCard,
  toProductDetail,
  type ProductDetail,
} from './catalog.schema.js';
import { cursorKeyOf, readCursor } from './product-cursor.js';

@Injectable()
export class CatalogService extends Catalog {
  private readonly baseUrl: string;

  constructor(
    private readonly repository: CatalogRepository,
    { publicBaseUrl }: HttpConfig,
  ) {
    super();
    this.baseUrl = publicBaseUrl;
  }

  async listCategories(): Promise<readonly Category[]> {
    const categories = await this.repository.listCategories();
    return categories.map(category => toCategory(category, this.baseUrl));
  }

  async listProducts({ cursor, limit, sort, ...filter }: ProductQuery): Promise<Page<ProductCard>> {
    const after = cursor === undefined ? undefined : readCursor(cursor, sort);
    const rows = await this.repository.listProducts({ ...filter, sort, after, limit: limit + 1 });
    const { items, nextCursor } = pageOf(rows, limit, row => cursorKeyOf(row, sort));
    return { items: items.map(row => toProductCard(row, this.baseUrl)), nextCursor };
  }

  /** @throws ProductNotFound also when it is withdrawn */
  async getProduct(id: string): Promise<ProductDetail> {
    const product = await this.repository.findProduct(id);
    if (!product) throw new ProductNotFound();
    return toProductDetail(product, this.baseUrl);
  }

  async findSkus(skuIds: readonly string[]): Promise<readonly CatalogSku[]> {
    const skus = await this.repository.findSkus(skuIds);
    return skus.map(sku => toCatalogSku(sku, this.baseUrl));
  }

  async findUnknown(ids: CatalogIds): Promise<readonly string[]> {
    const known = new Set(await this.repository.findKnown(ids));
    return [...new Set([...ids.categoryIds, ...ids.productIds])].filter(id => !known.has(id));
  }
}
