import { isId } from '../../kernel/id.js';
import { decodeCursor, type CursorKey } from '../../kernel/page.js';
import { RequestInvalid } from '../../platform/http/problem/http.errors.js';
import { notACursor } from '../../platform/http/input/page-query.js';
import type { ProductSort } from './catalog.contract.js';

/** Where a list was left: the sort key (fen, sales, or milliseconds of `created_at`) and the id of its last product. */
export interface ListPosition {
  readonly key: number;
  readonly id: string;
}

interface SortKeys {
  readonly id: string;
  readonly priceFen: number;
  readonly sales: number;
  readonly createdMs: number;
}

/** Later than any product (year 2286), and still a timestamp and a bigint for PostgreSQL. */
const maxKey = 9_999_999_999_999;

/** A cursor names its sort: the position in one order means nothing in another. */
export function cursorKeyOf(product: SortKeys, sort: ProductSort): CursorKey {
  return [sort, sortKey(product, sort), product.id];
}

/** @throws RequestInvalid for a cursor we never gave out for this sort */
export function readCursor(cursor: string, sort: ProductSort): ListPosition {
  const [of, key, id] = decodeCursor(cursor, 3) ?? [];
  if (of === sort && isKey(key) && typeof id === 'string' && isId(id)) return { key, id };
  throw new RequestInvalid([{ path: 'cursor', code: 'invalid_cursor', message: notACursor }]);
}

function sortKey(product: SortKeys, sort: ProductSort): number {
  switch (sort) {
    case 'newest':
      return product.createdMs;
    case 'price_asc':
    case 'price_desc':
      return product.priceFen;
    case 'sales':
      return product.sales;
  }
}

function isKey(key: unknown): key is number {
  return Number.isSafeInteger(key) && (key as number) >= 0 && (key as number) <= maxKey;
}
