import { describe, expect, it } from 'vitest';
import type { Transactor } from '../../platform/database/transactor.js';
import type { StockLine } from './inventory.contract.js';
import { InsufficientStock, type ShortLine } from './inventory.errors.js';
import type { InventoryRepository } from './inventory.repository.js';
import { addUp } from '../../kernel/quantities.js';
import { InventoryService } from './inventory.service.js';

function serviceWith(fake: Partial<InventoryRepository>): InventoryService {
  const transactor = { run: <T>(work: () => Promise<T>) => work() };
  return new InventoryService(fake as InventoryRepository, transactor as Transactor);
}

describe('stock', () => {
  it('does not let two lines of one SKU pass the check one by one', () => {
    const lines: StockLine[] = [
      { skuId: 'a', quantity: 2 },
      { skuId: 'b', quantity: 1 },
      { skuId: 'a', quantity: 3 },
    ];
    expect(addUp(lines)).toEqual([
      { skuId: 'a', quantity: 5 },
      { skuId: 'b', quantity: 1 },
    ]);
  });

  it('names every short line, so that the shopper can be told which and how many are left', async () => {
    const hold = async () => [
      { skuId: 'a', available: 2, isHeld: false },
      { skuId: 'c', available: 1, isHeld: true },
    ];
    const lines = ['a', 'b', 'c'].map(skuId => ({ skuId, quantity: skuId === 'c' ? 1 : 5 }));
    const reserving = serviceWith({ hold }).reserve('order-1', lines);
    const short: ShortLine[] = [
      { skuId: 'a', requested: 5, available: 2 },
      { skuId: 'b', requested: 5, available: 0 },
    ];
    await expect(reserving).rejects.toThrow(InsufficientStock);
    await expect(reserving).rejects.toMatchObject({ kind: 'conflict', details: { lines: short } });
  });

  it('sells nothing that is not held, whatever the reason', async () => {
    const fake = { hold: async () => [{ skuId: 'a', available: 9, isHeld: false }] };
    const reserving = serviceWith(fake).reserve('order-1', [{ skuId: 'a', quantity: 1 }]);
    await expect(reserving).rejects.toThrow('0 of 1 lines are held for order-1');
  });

  it('never sends a malformed id to PostgreSQL', async () => {
    const stock = serviceWith({
      availability: () => Promise.reject(new Error('invalid input syntax for type uuid')),
    });
    expect(await stock.availability(["' or 1=1", ''])).toEqual(new Map());
  });

  it.each([
    [0, false],
    [3, true],
  ])('says whether settling %i lines changed anything', async (lines, changed) => {
    const stock = serviceWith({ settle: async () => lines });
    expect(await stock.commit('order-1')).toBe(changed);
    expect(await stock.release('order-1')).toBe(changed);
  });
});
