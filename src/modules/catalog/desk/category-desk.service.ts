import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import {
  CategoryDesk,
  type CategoryInput,
  type CategoryRecord,
  type Change,
} from '../catalog-desk.contract.js';
import { CategoryNotEmpty, CategoryNotFound } from '../catalog.errors.js';
import { CatalogChanges } from './catalog-changes.js';
import { CategoryDeskRepository } from './category-desk.repository.js';

@Injectable()
export class CategoryDeskService extends CategoryDesk {
  constructor(
    private readonly transactor: Transactor,
    private readonly categories: CategoryDeskRepository,
    private readonly changes: CatalogChanges,
  ) {
    super();
  }

  list(): Promise<readonly CategoryRecord[]> {
    return this.categories.list();
  }

  async create(input: CategoryInput): Promise<CategoryRecord> {
    const category = await this.categories.insert(input);
    this.changes.ofCategories();
    return category;
  }

  update(id: string, change: Partial<CategoryInput>): Promise<Change<CategoryRecord>> {
    return this.transactor.run(async () => {
      const before = await this.lock(id);
      this.changes.ofCategories();
      return { before, after: await this.categories.update(before.id, change) };
    });
  }

  delete(id: string): Promise<CategoryRecord> {
    return this.transactor.run(async () => {
      const category = await this.lock(id);
      if (await this.categories.hasProducts(category.id)) throw new CategoryNotEmpty();
      await this.categories.delete(category.id);
      this.changes.ofCategories();
      return category;
    });
  }

  private async lock(id: string): Promise<CategoryRecord> {
    const category = await this.categories.lock(id);
    if (!category) throw new CategoryNotFound();
    return category;
  }
}
