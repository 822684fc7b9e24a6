import { z } from 'zod';
import type { Page } from '../../../kernel/page.js';
import {
  multilineText,
  optionalText,
  someChange,
  visibleText,
} from '../../../platform/http/input/input-fields.js';
import { maxFen } from '../../../kernel/money.js';
import { pageQuery } from '../../../platform/http/input/page-query.js';
import type { ProductRecord, ProductSummary } from '../../catalog/catalog-desk.contract.js';
import { imagePath, saleStatus } from './goods-field.js';
import { createSku, skuView } from './sku.schema.js';

const product = {
  categoryId: z.string().min(1).max(64),
  name: visibleText(100),
  subtitle: optionalText(200).optional(),
  description: multilineText(5_000).optional(),
  imagePaths: z.array(imagePath).min(1).max(9).describe('the first one stands for the product'),
  marketPriceFen: z.int().min(0).max(maxFen).optional().describe('crossed out beside the price; 0 for none'),
};

export const createProduct = z.strictObject({ ...product, skus: z.array(createSku).min(1).max(50) });
export type CreateProductInput = z.output<typeof createProduct>;

export const updateProduct = someChange(z.strictObject(product).partial());
export type UpdateProductInput = z.output<typeof updateProduct>;

export const adminProductQuery = z.strictObject({
  status: saleStatus.optional(),
  categoryId: z.string().min(1).max(64).optional(),
  q: visibleText(50).optional().describe('part of a name'),
  ...pageQuery(),
});
export type AdminProductQuery = z.output<typeof adminProductQuery>;

export const productSummaryView = z.object({
  id: z.string(),
  categoryId: z.string(),
  name: z.string(),
  subtitle: z.string().optional(),
  description: z.string().optional(),
  imagePaths: z.array(z.string()),
  priceFen: z.int().describe('the lowest of its SKUs on sale'),
  marketPriceFen: z.int().optional(),
  sales: z.int(),
  status: saleStatus,
  createdAt: z.iso.datetime(),
});

export const productView = productSummaryView.extend({ skus: z.array(skuView) });

export const productPage = z.object({
  items: z.array(productSummaryView),
  nextCursor: z.string().optional(),
});

export function toSummaryView({ createdAt, ...product }: ProductSummary) {
  return { ...product, createdAt: createdAt.toISOString() };
}

export function toProductView({ skus, ...product }: ProductRecord) {
  return { ...toSummaryView(product), skus };
}

export function toProductPage({ items, nextCursor }: Page<ProductSummary>) {
  return { items: items.map(toSummaryView), nextCursor };
}
