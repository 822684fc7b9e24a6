import { z } from 'zod';
import type { Page } from '../../kernel/page.js';

export const categoryView = z.object({
  id: z.string(),
  name: z.string(),
  imageUrl: z.url().optional(),
});
export type Category = z.output<typeof categoryView>;

/** A product as lists show it; `priceFen` is the lowest price of its SKUs. */
export const productCard = z.object({
  id: z.string(),
  name: z.string(),
  subtitle: z.string().optional(),
  imageUrl: z.url(),
  priceFen: z.int(),
  marketPriceFen: z.int().optional(),
  sales: z.int(),
});
export type ProductCard = z.output<typeof productCard>;

export const skuSpec = z.object({ name: z.string(), value: z.string() });
export type SkuSpec = z.output<typeof skuSpec>;

/** What a cart or an order needs to know about one SKU, now. */
export interface CatalogSku {
  readonly skuId: string;
  readonly productId: string;
  readonly categoryId: string;
  readonly productName: string;
  readonly skuName: string;
  readonly specs: readonly SkuSpec[];
  readonly imageUrl: string;
  readonly priceFen: number;
  /** Withdrawn when the SKU or its product is. */
  readonly status: 'on_sale' | 'withdrawn';
}

export interface CatalogIds {
  readonly categoryIds: readonly string[];
  readonly productIds: readonly string[];
}

export const productSorts = ['newest', 'price_asc', 'price_desc', 'sales'] as const;
export type ProductSort = (typeof productSorts)[number];

export interface ProductQuery {
  readonly categoryId?: string;
  /** Part of a product's name; letter case, full width and repeated spaces do not matter. */
  readonly q?: string;
  readonly sort: ProductSort;
  readonly limit: number;
  readonly cursor?: string;
}

/** What the shop offers, as of the moment of the call; image URLs are absolute. */
export abstract class Catalog {
  /** In no particular order; ids the catalogue has never known are missing, withdrawn SKUs are not. */
  abstract findSkus(skuIds: readonly string[]): Promise<readonly CatalogSku[]>;

  /** Which of these the catalogue has never known; withdrawn products are known. Each id at most once. */
  abstract findUnknown(ids: CatalogIds): Promise<readonly string[]>;

  /** All of them, in the merchant's order. */
  abstract listCategories(): Promise<readonly Category[]>;

  /**
   * Products on sale. Without `q` the cost is one index range of `limit` rows; with `q` it grows with the number of
   * matching names, up to 5,000 of them. A page of more is looked for along the sort: the more there are, the sooner it
   * is full, unless all of them come last.
   * @throws RequestInvalid when the cursor is not one of this sort
   */
  abstract listProducts(query: ProductQuery): Promise<Page<ProductCard>>;
}

/** What answers that are kept are made of: whoever shows any of it is told of changes by these tags. */
export const catalogTags = {
  categories: 'catalog.categories',
  /** Of all lists: which products there are, in which order, at which price. */
  products: 'catalog.products',
  /** Of one product, its SKUs and what staff do with their stock; not of what orders take of it. */
  product: (id: string): string => `catalog.product.${id}`,
} as const;
