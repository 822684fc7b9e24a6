import { Injectable } from '@nestjs/common';
import { isId, newId } from '../../kernel/id.js';
import { pageOf, type Page } from '../../kernel/page.js';
import { Transactor } from '../../platform/database/transactor.js';
import {
  StockDesk,
  type LedgerQuery,
  type StockChange,
  type StockLevel,
  type StockMovement,
} from './inventory.contract.js';
import { StockBelowReserved, StockTooLarge } from './inventory.errors.js';
import { StockDeskRepository } from './stock-desk.repository.js';

/** Far below what a 32-bit column holds, so that a return of reserved units never fails. */
const maxOnHand = 1_000_000_000;
const nothing: StockLevel = { onHand: 0, reserved: 0 };

@Injectable()
export class StockDeskService extends StockDesk {
  constructor(
    private readonly transactor: Transactor,
    private readonly repository: StockDeskRepository,
  ) {
    super();
  }

  async getLevel(skuId: string): Promise<StockLevel> {
    return (isId(skuId) && (await this.repository.findLevel(skuId))) || nothing;
  }

  async adjust(change: StockChange): Promise<StockLevel> {
    return this.transactor.run(async () => {
      await this.repository.open(change.skuId);
      const level = await this.repository.adjust(change, newId(), maxOnHand);
      if (!level) throw await this.refusal(change);
      return level;
    });
  }

  async listMovements(skuId: string, { limit, before }: LedgerQuery): Promise<Page<StockMovement>> {
    const rows = await this.repository.listMovements(skuId, { limit: limit + 1, before });
    return pageOf(rows, limit, ({ position }) => [position]);
  }

  private async refusal({ skuId, delta }: StockChange): Promise<Error> {
    const details = { ...(await this.getLevel(skuId)), delta };
    return delta > 0 ? new StockTooLarge({ ...details, limit: maxOnHand }) : new StockBelowReserved(details);
  }
}
