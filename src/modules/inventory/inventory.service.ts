import { Injectable } from '@nestjs/common';
import { isId } from '../../kernel/id.js';
import { addUp } from '../../kernel/quantities.js';
import { Stock, type StockLine } from './inventory.contract.js';
import { InsufficientStock } from './inventory.errors.js';
import { InventoryRepository } from './inventory.repository.js';

@Injectable()
export class InventoryService extends Stock {
  constructor(private readonly repository: InventoryRepository) {
    super();
  }

  async availability(skuIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const known = skuIds.filter(isId);
    if (known.length === 0) return new Map();
    const rows = await this.repository.availability(known);
    return new Map(rows.map(({ skuId, available }) => [skuId, available]));
  }

  async assertAvailable(lines: readonly StockLine[]): Promise<void> {
    const available = await this.availability(lines.map(({ skuId }) => skuId));
    const short = addUp(lines)
      .map(({ skuId, quantity }) => ({ skuId, requested: quantity, available: available.get(skuId) ?? 0 }))
      .filter(line => line.requested > line.available);
    if (short.length > 0) throw new InsufficientStock(short);
  }

  async reserve(reference: string, lines: readonly StockLine[]): Promise<void> {
    const short = await this.repository.reserve(reference, addUp(lines));
    if (short.length > 0) throw new InsufficientStock(short);
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
