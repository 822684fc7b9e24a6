import { Injectable } from '@nestjs/common';
import { Idempotency, type IdempotentAnswer } from '../../../platform/idempotency/idempotency.js';
import { SkuDesk } from '../../catalog/catalog-desk.contract.js';
import { StockDesk } from '../../inventory/inventory.contract.js';
import { Audit } from '../audit/audit.js';
import type { Intention } from '../session/actor.js';
import {
  toLedgerPage,
  toLedgerQuery,
  toStockView,
  type ChangeStockInput,
  type LedgerPage,
  type LedgerQueryInput,
  type StockView,
} from './stock.schema.js';

/** The catalogue knows which SKUs there are, the inventory how many units of them. */
@Injectable()
export class StockService {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly skus: SkuDesk,
    private readonly stock: StockDesk,
    private readonly audit: Audit,
  ) {}

  async get(skuId: string): Promise<StockView> {
    await this.skus.get(skuId);
    return toStockView(skuId, await this.stock.getLevel(skuId));
  }

  async listMovements(skuId: string, query: LedgerQueryInput): Promise<LedgerPage> {
    await this.skus.get(skuId);
    return toLedgerPage(await this.stock.listMovements(skuId, toLedgerQuery(query)));
  }

  /** Once per key: a delivery must not be booked twice. */
  async change({ actor, key }: Intention, skuId: string, input: ChangeStockInput): Promise<IdempotentAnswer> {
    const fingerprint = ['POST', `/admin/skus/${skuId}/stock-changes`, input];
    return this.idempotency.run({ ownerId: actor.staffId, key, fingerprint }, async () => {
      await this.skus.noteStockChange(skuId);
      const { delta, reason } = input;
      const level = await this.stock.adjust({ skuId, delta, reason, actorId: actor.staffId });
      const view = toStockView(skuId, level);
      await this.audit.record(actor, { action: 'stock.change', target: skuId, after: { ...input, ...view } });
      return { status: 201, body: JSON.stringify(view) };
    });
  }
}
