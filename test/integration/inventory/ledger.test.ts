import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { Stock, StockDesk } from '../../../src/modules/inventory/inventory.contract.ts';
import { between, pick, randomFrom } from '../../../tools/seed/random.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { replayLedger, stockGoods, stockOf } from '../../support/goods.ts';

const seeds = Array.from({ length: 12 }, () => Math.floor(Math.random() * 2 ** 31));

describe('the ledger', () => {
  let shop: TestApp;
  let stock: Stock;
  let desk: StockDesk;
  beforeAll(async () => {
    shop = await startApp();
    stock = shop.app.get(Stock, { strict: false });
    desk = shop.app.get(StockDesk, { strict: false });
  });
  afterAll(() => shop.stop());

  /** One of everything that can happen to stock; refusals are part of it. */
  function anything(random: () => number, skuIds: readonly string[], references: readonly string[]) {
    const skuId = pick(random, skuIds);
    const reference = pick(random, references);
    const lines = skuIds.map(id => ({ skuId: id, quantity: between(random, 1, 4) }));
    const adjustment = { skuId, delta: between(random, -6, 6) || 1, reason: 'count', actorId: newId() };
    return pick<() => Promise<unknown>>(random, [
      () => stock.reserve(reference, pick(random, [lines, lines.slice(0, 1), lines.toReversed()])),
      () => stock.commit(reference),
      () => stock.release(reference),
      () => desk.adjust(adjustment),
    ]);
  }

  it.each(seeds)('replayed gives the balance after any history, many hands at once (seed %i)', async seed => {
    const random = randomFrom(seed);
    const goods = await Promise.all([1, 2, 3].map(() => stockGoods(shop.database, { onHand: 8 })));
    const skuIds = goods.map(({ skuId }) => skuId);
    const references = Array.from({ length: 10 }, () => newId());
    for (let round = 0; round < 12; round++) {
      const steps = Array.from({ length: between(random, 1, 6) }, () => anything(random, skuIds, references));
      await Promise.allSettled(steps.map(step => step()));
      for (const skuId of skuIds) {
        const level = await stockOf(shop.database, skuId);
        expect(await replayLedger(shop.database, skuId)).toEqual(level);
        expect(level.reserved).toBeLessThanOrEqual(level.onHand);
      }
    }
    await expectNoDipsOnTheWay(skuIds);
  });

  /** Line by line, in the order of the ledger: at no moment was anything sold that was not there. */
  async function expectNoDipsOnTheWay(skuIds: readonly string[]): Promise<void> {
    const { rows } = await shop.database.query(
      `select * from (
         select sum(on_hand_delta) over lines as on_hand, sum(reserved_delta) over lines as reserved
         from stock_ledger where sku_id = any($1::uuid[])
         window lines as (partition by sku_id order by position)
       ) levels where reserved < 0 or on_hand < reserved`,
      [skuIds],
    );
    expect(rows).toEqual([]);
  }
});
