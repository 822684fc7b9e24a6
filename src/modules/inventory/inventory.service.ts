import { Injectable } from '@nestjs/common';
import { isId } from '../../kernel/id.js';
import { addUp } from '../../kernel/quantities.js';
import { Transactor } from '../../platform/database/transactor.js';
import { Stock, type StockLine } from './inventory.contract.js';
import { InsufficientStock } from './inventory.errors.js';
import { InventoryRepository, type Availability } from './inventory.repository.js';

@Injectable()
export class InventoryService extends Stock {
  constructor(
    private readonly repository: InventoryRepository,
    private readonly transactor: Transactor,
  ) {
    super();
  }

  async availability(skuIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const known = skuIds.filter(isId);
    if (known.length === 0) return new Map();
    return byId(await this.repository.availability(known));
  }

  async assertAvailable(lines: readonly StockLine[]): Promise<void> {
    assertEnough(addUp(lines), await this.availability(lines.map(({ skuId }) => skuId)));
  }

  async reserve(reference: string, lines: readonly StockLine[]): Promise<void> {
    const each = addUp(lines);
    await this.transactor.run(async () => {
      const found = await this.repository.hold(reference, each);
      assertEnough(each, byId(found));
      // What is there cannot be left out; if ever it is, nothing may be sold that is not held.
      const held = found.filter(({ isHeld }) => isHeld).length;
      if (held !== each.length) throw new Error(`${held} of ${each.length} lines are held for ${reference}`);
    });
  }

  async commit(reference: string): Promise<boolean> {
    return (await this.repository.settle(reference, 'commit')) > 0;
  }

  async release(reference: string): Promise<boolean> {
    return (await this.repository.settle(reference, 'release')) > 0;
  }

  async takeBack(reference: string, lines: readonly StockLine[]): Promise<boolean> {
    return (await this.repository.takeBack(reference, addUp(lines))) > 0;
  }
}

function byId(found: readonly Availability[]): ReadonlyMap<string, number> {
  return new Map(found.map(({ skuId, available }) => [skuId, available]));
}

/** @throws InsufficientStock naming every line that is short; each SKU at most once in `lines` */
function assertEnough(lines: readonly StockLine[], available: ReadonlyMap<string, number>): void {
  const short = lines
    .map(({ skuId, quantity }) => ({ skuId, requested: quantity, available: available.get(skuId) ?? 0 }))
    .filter(line => line.requested > line.available);
  if (short.length > 0) throw new InsufficientStock(short);
}
