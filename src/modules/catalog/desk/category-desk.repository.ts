import { Injectable } from '@nestjs/common';
import { isId, newId } from '../../../kernel/id.js';
import { isUniqueViolation } from '../../../platform/database/database-error.js';
import { Transactor } from '../../../platform/database/transactor.js';
import type { CategoryInput, CategoryRecord } from '../catalog-desk.contract.js';
import { CategoryNameTaken } from '../catalog.errors.js';

interface CategoryRow extends Omit<CategoryRecord, 'imagePath'> {
  readonly imagePath: string | null;
}

const columns = 'id, name, image_path as "imagePath", position';

/** The SQL of writing categories. */
@Injectable()
export class CategoryDeskRepository {
  constructor(private readonly transactor: Transactor) {}

  async list(): Promise<CategoryRecord[]> {
    const rows = await this.transactor.query<CategoryRow>(
      `select ${columns} from categories order by position, id`,
    );
    return rows.map(toRecord);
  }

  /** @throws CategoryNameTaken */
  async insert({ name, imagePath, position }: CategoryInput): Promise<CategoryRecord> {
    return this.write(
      `insert into categories (id, name, image_path, position)
       select $1, $2, nullif($3, ''), coalesce($4, max(position) + 1, 0) from categories returning ${columns}`,
      [newId(), name, imagePath, position],
    );
  }

  /** @throws CategoryNameTaken */
  async update(id: string, { name, imagePath, position }: Partial<CategoryInput>): Promise<CategoryRecord> {
    return this.write(
      `update categories set name = coalesce($2, name), image_path = nullif(coalesce($3, image_path), ''),
         position = coalesce($4, position)
       where id = $1 returning ${columns}`,
      [id, name, imagePath, position],
    );
  }

  /** Until the transaction ends nobody changes it or puts products into it. */
  async lock(id: string): Promise<CategoryRecord | null> {
    return this.find(id, 'for update');
  }

  /** Until the transaction ends it stays, so that a product can be put into it. */
  async hold(id: string): Promise<CategoryRecord | null> {
    return this.find(id, 'for key share');
  }

  async hasProducts(id: string): Promise<boolean> {
    const sql = 'select from products where category_id = $1 limit 1';
    return (await this.transactor.query(sql, [id])).length > 0;
  }

  async delete(id: string): Promise<void> {
    await this.transactor.execute('delete from categories where id = $1', [id]);
  }

  private async find(id: string, lock: string): Promise<CategoryRecord | null> {
    if (!isId(id)) return null;
    const sql = `select ${columns} from categories where id = $1 ${lock}`;
    const [row] = await this.transactor.query<CategoryRow>(sql, [id]);
    return row ? toRecord(row) : null;
  }

  private async write(sql: string, parameters: readonly unknown[]): Promise<CategoryRecord> {
    try {
      const [row] = await this.transactor.query<CategoryRow>(sql, parameters);
      return toRecord(row!);
    } catch (error) {
      if (isUniqueViolation(error, 'categories_name_key')) throw new CategoryNameTaken();
      throw error;
    }
  }
}

function toRecord({ imagePath, ...row }: CategoryRow): CategoryRecord {
  return { ...row, imagePath: imagePath ?? undefined };
}
