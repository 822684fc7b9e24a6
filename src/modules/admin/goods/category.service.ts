import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import { Idempotency, type IdempotentAnswer } from '../../../platform/idempotency/idempotency.js';
import { CategoryDesk } from '../../catalog/catalog-desk.contract.js';
import { Audit } from '../audit/audit.js';
import type { Actor, Intention } from '../session/actor.js';
import type { CategoryView, CreateCategoryInput, UpdateCategoryInput } from './category.schema.js';

@Injectable()
export class CategoryService {
  constructor(
    private readonly transactor: Transactor,
    private readonly idempotency: Idempotency,
    private readonly desk: CategoryDesk,
    private readonly audit: Audit,
  ) {}

  list(): Promise<readonly CategoryView[]> {
    return this.desk.list();
  }

  create({ actor, key }: Intention, input: CreateCategoryInput): Promise<IdempotentAnswer> {
    const request = { ownerId: actor.staffId, key, fingerprint: ['POST', '/admin/categories', input] };
    return this.idempotency.run(request, async () => {
      const category: CategoryView = await this.desk.create(input);
      await this.audit.record(actor, { action: 'category.create', target: category.id, after: category });
      return { status: 201, body: JSON.stringify(category) };
    });
  }

  update(actor: Actor, id: string, input: UpdateCategoryInput): Promise<CategoryView> {
    return this.transactor.run(async () => {
      const { before, after } = await this.desk.update(id, input);
      await this.audit.record(actor, { action: 'category.update', target: id, before, after });
      return after;
    });
  }

  async delete(actor: Actor, id: string): Promise<void> {
    await this.transactor.run(async () => {
      const before = await this.desk.delete(id);
      await this.audit.record(actor, { action: 'category.delete', target: id, before });
    });
  }
}
