import { Injectable } from '@nestjs/common';
import { isId } from '../../kernel/id.js';
import { BatchedReads } from '../../platform/database/batched-reads.js';
import { oneOf } from '../../platform/database/one-of.js';
import { Transactor } from '../../platform/database/transactor.js';
import { skuAvailability } from '../inventory/inventory.contract.js';
import type { CatalogIds, CatalogSku, ProductSort, SkuSpec } from './catalog.contract.js';
import type { ListPosition } from './product-cursor.js';

export interface CategoryRow {
  readonly id: string;
  readonly name: string;
  readonly imagePath: string | null;
}

/** What lists and details both show. */
export interface ProductFields {
  readonly id: string;
  readonly name: string;
  readonly subtitle: string | null;
  readonly priceFen: number;
  readonly marketPriceFen: number | null;
  readonly sales: number;
}

export interface CardRow extends ProductFields {
  readonly imagePath: string;
  /** For cursors; a number, because reading a date costs more than all else of a row. */
  readonly createdMs: number;
}

interface ListedRow extends CardRow {
  /** By the name index, of all pages from here on; more than `mostFound` are not all counted. */
  readonly found?: number;
}

export interface ProductRow extends ProductFields {
  readonly categoryId: string;
  readonly description: string | null;
  readonly imagePaths: readonly string[];
  readonly skus: readonly {
    readonly id: string;
    readonly name: string;
    readonly specs: SkuSpec[];
    readonly priceFen: number;
    readonly available: number;
    readonly imagePath: string | null;
  }[];
}

export interface SkuRow extends Omit<CatalogSku, 'imageUrl'> {
  readonly imagePath: string;
}

export interface ProductFilter {
  readonly categoryId?: string;
  readonly q?: string;
  readonly sort: ProductSort;
  readonly limit: number;
  readonly after?: ListPosition;
}

/** Products on sale with their SKUs on sale and the units left of them: all that a detail shows, in one statement. */
const productsSql = `
  select id, category_id as "categoryId", name, subtitle, description, image_paths as "imagePaths",
    price_fen as "priceFen", market_price_fen as "marketPriceFen", sales, (
      select coalesce(json_agg(json_build_object('id', sku.id, 'name', sku.name, 'specs', sku.specs,
        'priceFen', sku.price_fen, 'available', coalesce(stock.available, 0), 'imagePath', sku.image_path)
        order by sku.position, sku.id), '[]')
      from skus sku left join ${skuAvailability} stock on stock.sku_id = sku.id
      where sku.product_id = products.id and sku.status = 'on_sale'
    ) as skus
  from products where id = any($1::uuid[]) and status = 'on_sale'`;

const cardColumns = `id, name, subtitle, image_paths[1] as "imagePath", price_fen as "priceFen",
  market_price_fen as "marketPriceFen", sales, round(date_part('epoch', created_at) * 1000) as "createdMs"`;

/** The indexed column behind each sort, its direction, and the type a cursor's key has in SQL. */
const orders: Readonly<Record<ProductSort, { column: string; direction: 'asc' | 'desc'; key: string }>> = {
  newest: {
    column: 'created_at',
    direction: 'desc',
    key: `('epoch'::timestamptz + ? * interval '1 millisecond')`,
  },
  price_asc: { column: 'price_fen', direction: 'asc', key: '?::bigint' },
  price_desc: { column: 'price_fen', direction: 'desc', key: '?::bigint' },
  sales: { column: 'sales', direction: 'desc', key: '?::bigint' },
};

/**
 * Names holding `q`. Grams find every name with all its pairs of letters, the index's whole answer up to two letters;
 * longer ones are looked at again, because the pairs may stand apart.
 */
const nameMatches = (contains: string) => `${contains}
  and (length(minnow_normal(?)) < 3 or position(minnow_normal(?) in minnow_normal(name)) > 0)`;

/**
 * Two ways to a page of a search. Finding reads the name index and sorts what it finds. Walking reads along the sort
 * until the page is full: written as a function, the same test cannot tempt the planner back to the name index.
 */
export const searches = {
  find: nameMatches('name_grams @> minnow_grams(minnow_normal(?))'),
  walk: nameMatches('arraycontains(name_grams, minnow_grams(minnow_normal(?)))'),
} as const;

/** What more names than this have in common is soon met on a walk; up to here, sorting all of them takes 10 ms. */
const mostFound = 5_000;

/** All SQL of the catalogue. */
@Injectable()
export class CatalogRepository {
  private readonly readProduct: (id: string) => Promise<ProductRow | null>;

  constructor(
    private readonly transactor: Transactor,
    reads: BatchedReads,
  ) {
    this.readProduct = reads.byId('catalog.product', ids => this.transactor.query(productsSql, [ids]));
  }

  async listCategories(): Promise<CategoryRow[]> {
    return this.transactor.query(
      'select id, name, image_path as "imagePath" from categories order by position, id',
    );
  }

  async listProducts(filter: ProductFilter): Promise<CardRow[]> {
    if (filter.categoryId !== undefined && !isId(filter.categoryId)) return [];
    if (filter.q === undefined) return this.query(filter, 'walk');
    const found = await this.query(filter, 'find');
    return (found[0]?.found ?? 0) > mostFound ? this.query(filter, 'walk') : found;
  }

  /** A product on sale; read together with whichever others are asked for now. */
  async findProduct(id: string): Promise<ProductRow | null> {
    return isId(id) ? this.readProduct(id) : null;
  }

  async findSkus(skuIds: readonly string[]): Promise<SkuRow[]> {
    return this.transactor.query(
      `select sku.id as "skuId", product.id as "productId", product.category_id as "categoryId", product.name as "productName", sku.name as "skuName",
         sku.specs, coalesce(sku.image_path, product.image_paths[1]) as "imagePath", sku.price_fen as "priceFen",
         case when sku.status = 'on_sale' then product.status else sku.status end as status
       from skus sku join products product on product.id = sku.product_id where sku.id ${oneOf('$1')}`,
      [skuIds.filter(isId)],
    );
  }

  /** Those of the ids that exist; of products also the withdrawn ones. */
  async findKnown({ categoryIds, productIds }: CatalogIds): Promise<string[]> {
    const rows = await this.transactor.query<{ id: string }>(
      `select id from categories where id = any($1::uuid[])
       union all select id from products where id = any($2::uuid[])`,
      [categoryIds.filter(isId), productIds.filter(isId)],
    );
    return rows.map(({ id }) => id);
  }

  private query(filter: ProductFilter, way: keyof typeof searches): Promise<ListedRow[]> {
    const { sql, parameters } = listStatement(filter, way);
    return this.transactor.query(sql, parameters);
  }
}

/** Exported for the test that explains it. */
export function listStatement(
  { categoryId, q, sort, limit, after }: ProductFilter,
  way: keyof typeof searches,
) {
  const { column, direction, key } = orders[sort];
  const parameters: unknown[] = [];
  const where: string[] = [`status = 'on_sale'`];
  const bind = (fragment: string, value: unknown) => fragment.replaceAll('?', `$${parameters.push(value)}`);
  if (categoryId !== undefined) where.push(bind('category_id = ?', categoryId));
  if (q !== undefined) where.push(bind(searches[way], q));
  if (after) {
    const beyond = direction === 'asc' ? '>' : '<';
    where.push(`(${column}, id) ${beyond} (${bind(key, after.key)}, ${bind('?', after.id)})`);
  }
  const matching = `select * from products where ${where.join(' and ')}`;
  // The limit inside bounds the sort, and keeps the planner from walking where it guesses early matches.
  const [columns, source] =
    way === 'find'
      ? [`${cardColumns}, count(*) over ()::int as found`, `${matching} limit ${mostFound + 1}`]
      : [cardColumns, matching];
  const sql = `select ${columns} from (${source}) products
    order by ${column} ${direction}, id ${direction} limit ${bind('?', limit)}`;
  return { sql, parameters };
}
