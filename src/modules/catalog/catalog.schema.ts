import { z } from 'zod';
import { bilingual } from '../../platform/http/problem/bilingual.js';
import { pageLimit } from '../../platform/http/input/page-query.js';
import {
  categoryView,
  productCard,
  productSorts,
  skuSpec,
  type Category,
  type CatalogSku,
  type ProductCard,
} from './catalog.contract.js';
import type { CardRow, CategoryRow, ProductFields, ProductRow, SkuRow } from './catalog.repository.js';

/** Malformed ids answer 404 like unknown ones; only the length is a matter of form. */
export const idParam = z.string().max(64);

export const productQuery = z.strictObject({
  categoryId: z.string().min(1).max(64).optional(),
  q: z
    .string()
    .trim()
    .min(1)
    .max(50)
    .regex(/^\P{Cc}*$/u, bilingual('含有控制字符', 'has control characters'))
    .optional(),
  sort: z.enum(productSorts).default('newest'),
  limit: pageLimit(),
  cursor: z.string().min(1).max(200).optional(),
});
export type ProductQueryInput = z.output<typeof productQuery>;

export const categoryList = z.object({ items: z.array(categoryView) });
export const productPage = z.object({ items: z.array(productCard), nextCursor: z.string().optional() });

export const productDetail = productCard.extend({
  categoryId: z.string(),
  description: z.string().optional(),
  imageUrls: z.array(z.url()),
  skus: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      specs: z.array(skuSpec),
      priceFen: z.int(),
      available: z.int(),
      imageUrl: z.url().optional(),
    }),
  ),
});
export type ProductDetail = z.output<typeof productDetail>;

/** `baseUrl` is where clients reach the shop: pictures are stored as paths, and mini-programs need absolute URLs. */
export function toCategory({ id, name, imagePath }: CategoryRow, baseUrl: string): Category {
  return { id, name, imageUrl: toUrl(imagePath, baseUrl) };
}

export function toProductCard(row: CardRow, baseUrl: string): ProductCard {
  return { ...cardFields(row), imageUrl: baseUrl + row.imagePath };
}

export function toProductDetail(row: ProductRow, baseUrl: string): ProductDetail {
  const imageUrls = row.imagePaths.map(path => baseUrl + path);
  return {
    ...cardFields(row),
    categoryId: row.categoryId,
    description: row.description ?? undefined,
    imageUrl: imageUrls[0]!,
    imageUrls,
    skus: row.skus.map(({ imagePath, ...sku }) => ({ ...sku, imageUrl: toUrl(imagePath, baseUrl) })),
  };
}

export function toCatalogSku({ imagePath, ...sku }: SkuRow, baseUrl: string): CatalogSku {
  return { ...sku, imageUrl: baseUrl + imagePath };
}

function cardFields(row: ProductFields): Omit<ProductCard, 'imageUrl'> {
  return {
    id: row.id,
    name: row.name,
    subtitle: row.subtitle ?? undefined,
    priceFen: row.priceFen,
    marketPriceFen: row.marketPriceFen ?? undefined,
    sales: row.sales,
  };
}

function toUrl(path: string | null, baseUrl: string): string | undefined {
  return path === null ? undefined : baseUrl + path;
}
