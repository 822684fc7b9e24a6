import { Injectable } from '@nestjs/common';
import type { Page } from '../../../kernel/page.js';
import { Transactor } from '../../../platform/database/transactor.js';
import { Idempotency, type IdempotentAnswer } from '../../../platform/idempotency/idempotency.js';
import {
  ProductDesk,
  type Change,
  type ProductRecord,
  type ProductSummary,
} from '../../catalog/catalog-desk.contract.js';
import { Audit } from '../audit/audit.js';
import type { Actor, Intention } from '../session/actor.js';
import {
  toProductView,
  type AdminProductQuery,
  type CreateProductInput,
  type UpdateProductInput,
} from './product.schema.js';

@Injectable()
export class ProductService {
  constructor(
    private readonly transactor: Transactor,
    private readonly idempotency: Idempotency,
    private readonly desk: ProductDesk,
    private readonly audit: Audit,
  ) {}

  list(query: AdminProductQuery): Promise<Page<ProductSummary>> {
    return this.desk.list(query);
  }

  get(id: string): Promise<ProductRecord> {
    return this.desk.get(id);
  }

  create({ actor, key }: Intention, input: CreateProductInput): Promise<IdempotentAnswer> {
    const request = { ownerId: actor.staffId, key, fingerprint: ['POST', '/admin/products', input] };
    return this.idempotency.run(request, async () => {
      const product = toProductView(await this.desk.create(input));
      await this.audit.record(actor, { action: 'product.create', target: product.id, after: product });
      return { status: 201, body: JSON.stringify(product) };
    });
  }

  update(actor: Actor, id: string, input: UpdateProductInput): Promise<ProductSummary> {
    return this.change(actor, 'product.update', () => this.desk.update(id, input));
  }

  withdraw(actor: Actor, id: string): Promise<ProductSummary> {
    return this.change(actor, 'product.withdraw', () => this.desk.withdraw(id));
  }

  putOnSale(actor: Actor, id: string): Promise<ProductSummary> {
    return this.change(actor, 'product.put-on-sale', () => this.desk.putOnSale(id));
  }

  private change(
    actor: Actor,
    action: string,
    effect: () => Promise<Change<ProductSummary>>,
  ): Promise<ProductSummary> {
    return this.transactor.run(async () => {
      const { before, after } = await effect();
      await this.audit.record(actor, { action, target: after.id, before, after });
      return after;
    });
  }
}
