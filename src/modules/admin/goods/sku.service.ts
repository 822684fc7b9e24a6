import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import { Idempotency, type IdempotentAnswer } from '../../../platform/idempotency/idempotency.js';
import { SkuDesk, type Change, type SkuRecord } from '../../catalog/catalog-desk.contract.js';
import { Audit } from '../audit/audit.js';
import type { Actor, Intention } from '../session/actor.js';
import type { CreateSkuInput, UpdateSkuInput } from './sku.schema.js';

@Injectable()
export class SkuService {
  constructor(
    private readonly transactor: Transactor,
    private readonly idempotency: Idempotency,
    private readonly desk: SkuDesk,
    private readonly audit: Audit,
  ) {}

  add({ actor, key }: Intention, productId: string, input: CreateSkuInput): Promise<IdempotentAnswer> {
    const fingerprint = ['POST', `/admin/products/${productId}/skus`, input];
    return this.idempotency.run({ ownerId: actor.staffId, key, fingerprint }, async () => {
      const sku = await this.desk.add(productId, input);
      await this.audit.record(actor, { action: 'sku.create', target: sku.id, after: sku });
      return { status: 201, body: JSON.stringify(sku) };
    });
  }

  update(actor: Actor, id: string, input: UpdateSkuInput): Promise<SkuRecord> {
    return this.change(actor, 'sku.update', () => this.desk.update(id, input));
  }

  withdraw(actor: Actor, id: string): Promise<SkuRecord> {
    return this.change(actor, 'sku.withdraw', () => this.desk.withdraw(id));
  }

  putOnSale(actor: Actor, id: string): Promise<SkuRecord> {
    return this.change(actor, 'sku.put-on-sale', () => this.desk.putOnSale(id));
  }

  private change(actor: Actor, action: string, effect: () => Promise<Change<SkuRecord>>): Promise<SkuRecord> {
    return this.transactor.run(async () => {
      const { before, after } = await effect();
      await this.audit.record(actor, { action, target: after.id, before, after });
      return after;
    });
  }
}
