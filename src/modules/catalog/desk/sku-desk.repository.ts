import { Injectable } from '@nestjs/common';
import { isId, newId } from '../../../kernel/id.js';
import { Transactor } from '../../../platform/database/transactor.js';
import type { SaleStatus, SkuInput, SkuRecord } from '../catalog-desk.contract.js';

interface SkuRow extends Omit<SkuRecord, 'imagePath'> {
  readonly imagePath: string | null;
}

export type SkuChange = Partial<SkuInput> & { readonly status?: SaleStatus };

const columns = `id, product_id as "productId", name, specs, price_fen as "priceFen", image_path as "imagePath",
  position, status`;

/** The SQL of writing SKUs. Whoever writes here holds the lock on the product. */
@Injectable()
export class SkuDeskRepository {
  constructor(private readonly transactor: Transactor) {}

  async find(id: string): Promise<SkuRecord | null> {
    if (!isId(id)) return null;
    const [row] = await this.transactor.query<SkuRow>(`select ${columns} from skus where id = $1`, [id]);
    return row ? toRecord(row) : null;
  }

  async listOf(productId: string): Promise<SkuRecord[]> {
    const rows = await this.transactor.query<SkuRow>(
      `select ${columns} from skus where product_id = $1 order by position, id`,
      [productId],
    );
    return rows.map(toRecord);
  }

  async insert(productId: string, input: SkuInput): Promise<SkuRecord> {
    const { name, specs = [], priceFen, imagePath, position } = input;
    return this.only(
      `insert into skus (id, product_id, name, specs, price_fen, image_path, position)
       select $1, $2, $3, $4, $5, nullif($6, ''), coalesce($7, max(position) + 1, 0) from skus where product_id = $2
       returning ${columns}`,
      [newId(), productId, name, JSON.stringify(specs), priceFen, imagePath, position],
    );
  }

  async update(id: string, change: SkuChange): Promise<SkuRecord> {
    const { name, specs, priceFen, imagePath, position, status } = change;
    return this.only(
      `update skus set name = coalesce($2, name), specs = coalesce($3, specs), price_fen = coalesce($4, price_fen),
         image_path = nullif(coalesce($5, image_path), ''), position = coalesce($6, position), status = coalesce($7, status)
       where id = $1 returning ${columns}`,
      [id, name, specs && JSON.stringify(specs), priceFen, imagePath, position, status],
    );
  }

  /** Null when none is on sale. */
  async findLowestPrice(productId: string): Promise<number | null> {
    const [row] = await this.transactor.query<{ lowest: number | null }>(
      `select min(price_fen) as lowest from skus where product_id = $1 and status = 'on_sale'`,
      [productId],
    );
    return row?.lowest ?? null;
  }

  private async only(sql: string, parameters: readonly unknown[]): Promise<SkuRecord> {
    const [row] = await this.transactor.query<SkuRow>(sql, parameters);
    return toRecord(row!);
  }
}

function toRecord({ imagePath, ...row }: SkuRow): SkuRecord {
  return { ...row, imagePath: imagePath ?? undefined };
}
