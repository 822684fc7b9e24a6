import { Injectable } from '@nestjs/common';
import { isId, newId } from '../../../kernel/id.js';
import { Transactor } from '../../../platform/database/transactor.js';
import type { ProductFilter, ProductInput, ProductSummary, SaleStatus } from '../catalog-desk.contract.js';
import { searches } from '../catalog.repository.js';

interface ProductRow extends Omit<ProductSummary, 'subtitle' | 'description' | 'marketPriceFen'> {
  readonly subtitle: string | null;
  readonly description: string | null;
  readonly marketPriceFen: number | null;
}

interface ListFilter extends Omit<ProductFilter, 'cursor'> {
  readonly beforeId: string | null;
}

const columns = `id, category_id as "categoryId", name, subtitle, description, image_paths as "imagePaths",
  price_fen as "priceFen", market_price_fen as "marketPriceFen", sales, status, created_at as "createdAt"`;

const chosen = `($1::text is null or status = $1) and ($2::uuid is null or category_id = $2)
  and ($3::uuid is null or id < $3)`;
/** `offset 0` keeps a search on the name index, as in `listStatement`. */
const named = `${searches.find.replaceAll('?', '$5')} offset 0`;

/** The SQL of writing products. */
@Injectable()
export class ProductDeskRepository {
  constructor(private readonly transactor: Transactor) {}

  async list({ status, categoryId, q, beforeId, limit }: ListFilter): Promise<ProductSummary[]> {
    if (categoryId !== undefined && !isId(categoryId)) return [];
    const where = q === undefined ? chosen : `${chosen} and ${named}`;
    const rows = await this.transactor.query<ProductRow>(
      `select ${columns} from (select * from products where ${where}) products order by id desc limit $4`,
      [status, categoryId, beforeId, limit, ...(q === undefined ? [] : [q])],
    );
    return rows.map(toSummary);
  }

  find(id: string): Promise<ProductSummary | null> {
    return this.findOne(id, '');
  }

  /** Until the transaction ends nobody else changes the product, its SKUs or its price. */
  lock(id: string): Promise<ProductSummary | null> {
    return this.findOne(id, 'for no key update');
  }

  async insert(input: ProductInput, priceFen: number): Promise<ProductSummary> {
    const { categoryId, name, subtitle, description, imagePaths, marketPriceFen } = input;
    return this.only(
      `insert into products (id, category_id, name, subtitle, description, image_paths, price_fen, market_price_fen, status)
       values ($1, $2, $3, nullif($4, ''), nullif($5, ''), $6, $7, nullif($8, 0), 'withdrawn') returning ${columns}`,
      [newId(), categoryId, name, subtitle, description, imagePaths, priceFen, marketPriceFen],
    );
  }

  async update(id: string, change: Partial<ProductInput>): Promise<ProductSummary> {
    const { categoryId, name, subtitle, description, imagePaths, marketPriceFen } = change;
    return this.only(
      `update products set category_id = coalesce($2, category_id), name = coalesce($3, name),
         subtitle = nullif(coalesce($4, subtitle), ''), description = nullif(coalesce($5, description), ''),
         image_paths = coalesce($6, image_paths), market_price_fen = nullif(coalesce($7, market_price_fen), 0)
       where id = $1 returning ${columns}`,
      [id, categoryId, name, subtitle, description, imagePaths, marketPriceFen],
    );
  }

  setStatus(id: string, status: SaleStatus): Promise<ProductSummary> {
    return this.only(`update products set status = $2 where id = $1 returning ${columns}`, [id, status]);
  }

  async setPrice(id: string, priceFen: number): Promise<void> {
    await this.transactor.execute('update products set price_fen = $2 where id = $1', [id, priceFen]);
  }

  private async findOne(id: string, lock: string): Promise<ProductSummary | null> {
    if (!isId(id)) return null;
    const sql = `select ${columns} from products where id = $1 ${lock}`;
    const [row] = await this.transactor.query<ProductRow>(sql, [id]);
    return row ? toSummary(row) : null;
  }

  private async only(sql: string, parameters: readonly unknown[]): Promise<ProductSummary> {
    const [row] = await this.transactor.query<ProductRow>(sql, parameters);
    return toSummary(row!);
  }
}

function toSummary({ subtitle, description, marketPriceFen, ...row }: ProductRow): ProductSummary {
  return {
    ...row,
    subtitle: subtitle ?? undefined,
    description: description ?? undefined,
    marketPriceFen: marketPriceFen ?? undefined,
  };
}
