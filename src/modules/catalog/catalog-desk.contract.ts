import type { Page } from '../../kernel/page.js';
import type { SkuSpec } from './catalog.contract.js';

/**
 * The catalogue as those see it who write it: with what is withdrawn, and with pictures as paths. Every write joins the
 * caller's transaction or is one of its own, and locks category, product and SKU in this order.
 */

export type SaleStatus = 'on_sale' | 'withdrawn';

/** Both sides of a change, for whoever has to tell of it. */
export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

export interface CategoryRecord {
  readonly id: string;
  readonly name: string;
  readonly imagePath?: string;
  readonly position: number;
}

/** An empty path is none. A category without a position comes last. */
export interface CategoryInput {
  readonly name: string;
  readonly imagePath?: string;
  readonly position?: number;
}

export interface SkuRecord {
  readonly id: string;
  readonly productId: string;
  readonly name: string;
  readonly specs: readonly SkuSpec[];
  readonly priceFen: number;
  readonly imagePath?: string;
  readonly position: number;
  readonly status: SaleStatus;
}

/** An empty path is none: the product's picture is shown. A SKU without a position comes last. */
export interface SkuInput {
  readonly name: string;
  readonly specs?: readonly SkuSpec[];
  readonly priceFen: number;
  readonly imagePath?: string;
  readonly position?: number;
}

/** `priceFen` is the lowest price of the SKUs on sale; while none is, what it was last. */
export interface ProductSummary {
  readonly id: string;
  readonly categoryId: string;
  readonly name: string;
  readonly subtitle?: string;
  readonly description?: string;
  readonly imagePaths: readonly string[];
  readonly priceFen: number;
  readonly marketPriceFen?: number;
  readonly sales: number;
  readonly status: SaleStatus;
  readonly createdAt: Date;
}

export interface ProductRecord extends ProductSummary {
  readonly skus: readonly SkuRecord[];
}

/** An empty text is none, and so is a market price of 0. */
export interface ProductInput {
  readonly categoryId: string;
  readonly name: string;
  readonly subtitle?: string;
  readonly description?: string;
  readonly imagePaths: readonly string[];
  readonly marketPriceFen?: number;
}

export interface NewProduct extends ProductInput {
  readonly skus: readonly SkuInput[];
}

export interface ProductFilter {
  readonly status?: SaleStatus;
  readonly categoryId?: string;
  /** Part of a name, as shoppers search. */
  readonly q?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export abstract class CategoryDesk {
  /** All of them, in the merchant's order. */
  abstract list(): Promise<readonly CategoryRecord[]>;

  /** @throws CategoryNameTaken (conflict) */
  abstract create(input: CategoryInput): Promise<CategoryRecord>;

  /** @throws CategoryNotFound (absent), CategoryNameTaken (conflict) */
  abstract update(id: string, change: Partial<CategoryInput>): Promise<Change<CategoryRecord>>;

  /** What it was. @throws CategoryNotFound (absent), CategoryNotEmpty (conflict) also when all its products are withdrawn */
  abstract delete(id: string): Promise<CategoryRecord>;
}

export abstract class ProductDesk {
  /** Newest first. By name the cost is that of a search; else it walks products until `limit` of them match. */
  abstract list(filter: ProductFilter): Promise<Page<ProductSummary>>;

  /** @throws ProductNotFound (absent) */
  abstract get(id: string): Promise<ProductRecord>;

  /**
   * Withdrawn until somebody puts it on sale; its SKUs are on sale with it.
   * @throws CategoryNotFound (absent), MarketPriceTooLow (unprocessable)
   */
  abstract create(input: NewProduct): Promise<ProductRecord>;

  /** @throws ProductNotFound, CategoryNotFound (absent), MarketPriceTooLow (unprocessable) */
  abstract update(id: string, change: Partial<ProductInput>): Promise<Change<ProductSummary>>;

  /** From now on nobody can order it; what was ordered stays. @throws ProductNotFound (absent) */
  abstract withdraw(id: string): Promise<Change<ProductSummary>>;

  /** @throws ProductNotFound (absent), NothingToSell (conflict) while all its SKUs are withdrawn */
  abstract putOnSale(id: string): Promise<Change<ProductSummary>>;
}

export abstract class SkuDesk {
  /** @throws SkuNotFound (absent) */
  abstract get(id: string): Promise<SkuRecord>;

  /** @throws ProductNotFound (absent), TooManySkus (conflict), MarketPriceTooLow (unprocessable) */
  abstract add(productId: string, input: SkuInput): Promise<SkuRecord>;

  /** @throws SkuNotFound (absent), MarketPriceTooLow (unprocessable) */
  abstract update(id: string, change: Partial<SkuInput>): Promise<Change<SkuRecord>>;

  /** @throws SkuNotFound (absent), NothingToSell (conflict) for the last one of a product on sale */
  abstract withdraw(id: string): Promise<Change<SkuRecord>>;

  /** @throws SkuNotFound (absent), MarketPriceTooLow (unprocessable) */
  abstract putOnSale(id: string): Promise<Change<SkuRecord>>;

  /** In the transaction that changes how many units there are, so that shoppers see it after its commit. @throws SkuNotFound (absent) */
  abstract noteStockChange(id: string): Promise<void>;
}
