import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { Stock } from '../../../src/modules/inventory/inventory.contract.ts';
import { InsufficientStock } from '../../../src/modules/inventory/inventory.errors.ts';
import { Transactor } from '../../../src/platform/database/transactor.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { replayLedger, stockGoods, stockOf } from '../../support/goods.ts';
import { holdLock, waitingForLocks } from '../../support/row-lock.ts';
import { until } from '../../support/until.ts';

describe('stock', () => {
  let shop: TestApp;
  let stock: Stock;
  let transactor: Transactor;
  beforeAll(async () => {
    shop = await startApp();
    stock = shop.app.get(Stock, { strict: false });
    transactor = shop.app.get(Transactor, { strict: false });
  });
  afterAll(() => shop.stop());

  async function goods(onHand: number): Promise<string> {
    return (await stockGoods(shop.database, { onHand })).skuId;
  }

  async function expectLevel(skuId: string, onHand: number, reserved: number): Promise<void> {
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand, reserved });
    expect(await replayLedger(shop.database, skuId)).toEqual({ onHand, reserved });
  }

  it('sells exactly 10 of 10 units to 50 shoppers at once', async () => {
    const skuId = await goods(10);
    const attempts = Array.from({ length: 50 }, () =>
      transactor.run(() => stock.reserve(newId(), [{ skuId, quantity: 1 }])),
    );
    const outcomes = await Promise.allSettled(attempts);
    const refused = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toHaveLength(40);
    for (const reason of refused) expect(reason).toBeInstanceOf(InsufficientStock);
    await expectLevel(skuId, 10, 10);
    expect(await stock.availability([skuId])).toEqual(new Map([[skuId, 0]]));
  });

  it('holds what came back while it was waited for, and never says so without holding it', async () => {
    const skuId = await goods(1);
    await stock.reserve('the-last-one-before', [{ skuId, quantity: 1 }]);
    const settling = await holdLock(shop.database, 'select 1 from stock_items where sku_id = $1 for update', [
      skuId,
    ]);
    const reserving = transactor.run(() => stock.reserve(newId(), [{ skuId, quantity: 1 }]));
    await until('the reservation waits', async () => (await waitingForLocks(shop.database)) === 1);
    await settling.release('update stock_items set on_hand = 2 where sku_id = $1');
    await reserving;
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 2, reserved: 2 });
  });

  it('does not deadlock when carts hold the same goods in opposite orders', async () => {
    const skuIds = await Promise.all([goods(100), goods(100), goods(100)]);
    const lines = skuIds.map(skuId => ({ skuId, quantity: 1 }));
    // A deadlock would be tried again and pass unseen.
    let tries = 0;
    const reserve = (index: number) =>
      transactor.run(async () => {
        tries++;
        await stock.reserve(newId(), index % 2 ? lines : lines.toReversed());
      });
    await Promise.all(Array.from({ length: 40 }, (_, index) => reserve(index)));
    expect(tries).toBe(40);
    for (const skuId of skuIds) await expectLevel(skuId, 100, 40);
  });

  it('does not deadlock when orders with the same goods are placed, paid and expire at once', async () => {
    const skuIds = await Promise.all([goods(1_000), goods(1_000), goods(1_000)]);
    const lines = skuIds.map(skuId => ({ skuId, quantity: 1 }));
    let tries = 0;
    const once = (work: () => Promise<unknown>) =>
      transactor.run(async () => {
        tries++;
        await work();
      });
    const held = Array.from({ length: 30 }, () => newId());
    for (const reference of held) await stock.reserve(reference, lines.toReversed());
    await Promise.all(
      held.flatMap((reference, index) => [
        once(() => (index % 2 ? stock.commit(reference) : stock.release(reference))),
        once(() => stock.reserve(newId(), index % 2 ? lines : lines.toReversed())),
      ]),
    );
    expect(tries).toBe(60);
    for (const skuId of skuIds) await expectLevel(skuId, 985, 30);
  });

  it('holds nothing of an order when one of its lines is short, and says which', async () => {
    const [plenty, scarce, unknown] = [await goods(10), await goods(1), newId()];
    const reserving = stock.reserve(newId(), [
      { skuId: plenty, quantity: 2 },
      { skuId: scarce, quantity: 3 },
      { skuId: unknown, quantity: 1 },
    ]);
    await expect(reserving).rejects.toMatchObject({
      code: 'inventory.insufficient_stock',
      details: {
        lines: expect.arrayContaining([
          { skuId: scarce, requested: 3, available: 1 },
          { skuId: unknown, requested: 1, available: 0 },
        ]),
      },
    });
    await expectLevel(plenty, 10, 0);
    await expectLevel(scarce, 1, 0);
  });

  it('counts two lines of one SKU together', async () => {
    const skuId = await goods(5);
    const line = { skuId, quantity: 3 };
    await expect(stock.reserve(newId(), [line, line])).rejects.toBeInstanceOf(InsufficientStock);
    await expectLevel(skuId, 5, 0);
  });

  it('gives everything back when the order around it fails', async () => {
    const skuId = await goods(5);
    const placing = transactor.run(async () => {
      await stock.reserve(newId(), [{ skuId, quantity: 5 }]);
      throw new Error('the order could not be written');
    });
    await expect(placing).rejects.toThrow('the order could not be written');
    await expectLevel(skuId, 5, 0);
  });

  it('sells reserved units once, however many times and at once it is told so', async () => {
    const [skuId, reference] = [await goods(5), newId()];
    await stock.reserve(reference, [{ skuId, quantity: 2 }]);
    const told = await Promise.all(Array.from({ length: 12 }, () => stock.commit(reference)));
    expect(told.filter(Boolean)).toHaveLength(1);
    await expectLevel(skuId, 3, 0);
  });

  it('returns reserved units once, however many times and at once it is told so', async () => {
    const [skuId, reference] = [await goods(5), newId()];
    await stock.reserve(reference, [{ skuId, quantity: 2 }]);
    const told = await Promise.all(Array.from({ length: 12 }, () => stock.release(reference)));
    expect(told.filter(Boolean)).toHaveLength(1);
    await expectLevel(skuId, 5, 0);
  });

  it('takes sold units back once, however many times and at once it is told so', async () => {
    const [skuId, other] = [await goods(5), await goods(5)];
    const [order, refund] = [newId(), newId()];
    const lines = [skuId, other, skuId].map(id => ({ skuId: id, quantity: 1 }));
    await stock.reserve(order, lines);
    await stock.commit(order);
    const told = await Promise.all(Array.from({ length: 12 }, () => stock.takeBack(refund, lines)));
    expect(told.filter(Boolean)).toHaveLength(1);
    await expectLevel(skuId, 5, 0);
    await expectLevel(other, 5, 0);
    expect(await stock.takeBack(newId(), lines.slice(1, 2))).toBe(true);
    await expectLevel(other, 6, 0);
  });

  it('counts every unit that comes back while others come and go', async () => {
    const [skuId, other] = [await goods(20), await goods(20)];
    const both = [skuId, other].map(id => ({ skuId: id, quantity: 1 }));
    const comeAndGo = async (index: number): Promise<void> => {
      const reference = newId();
      await transactor.run(() => stock.reserve(reference, index % 2 ? both : [...both].reverse()));
      await transactor.run(() => stock.commit(reference));
      await transactor.run(() => stock.takeBack(newId(), index % 2 ? [...both].reverse() : both));
    };
    await Promise.all(Array.from({ length: 16 }, (_, index) => comeAndGo(index)));
    for (const id of [skuId, other]) await expectLevel(id, 20, 0);
  });

  it('lets either payment or expiry win, never both', async () => {
    const orders = await Promise.all(
      Array.from({ length: 10 }, async () => ({ skuId: await goods(4), reference: newId() })),
    );
    for (const { skuId, reference } of orders) {
      await stock.reserve(reference, [{ skuId, quantity: 3 }]);
      const [paid, expired] = await Promise.all([stock.commit(reference), stock.release(reference)]);
      expect(paid).not.toBe(expired);
      await expectLevel(skuId, paid ? 1 : 4, 0);
      expect([await stock.commit(reference), await stock.release(reference)]).toEqual([false, false]);
      await expectLevel(skuId, paid ? 1 : 4, 0);
    }
  });

  it('settles nothing for a reference it has never seen', async () => {
    expect(await stock.commit(newId())).toBe(false);
    expect(await stock.release(newId())).toBe(false);
  });

  it('refuses to reserve twice for one order', async () => {
    const [skuId, reference] = [await goods(5), newId()];
    await stock.reserve(reference, [{ skuId, quantity: 1 }]);
    await expect(stock.reserve(reference, [{ skuId, quantity: 1 }])).rejects.toThrow();
    await expectLevel(skuId, 5, 1);
  });

  it.each([
    ['more reserved than there is', 'update stock_items set reserved = on_hand + 1 where sku_id = $1'],
    ['fewer than nothing', 'update stock_items set on_hand = -1 where sku_id = $1'],
    ['a movement that is not what it says', ledgerRow("'commit', 2, 2, 0")],
  ])('PostgreSQL itself refuses %s', async (_, sql) => {
    const skuId = await goods(5);
    await expect(shop.database.query(sql, [skuId])).rejects.toMatchObject({ code: '23514' });
  });
});

/**
 * Whoever waits for a row must hold none that comes after it: then no two can wait for each other. The rows lie in the
 * opposite order, and a table this small is read as it lies, so that only the statement itself can put them in order.
 */
describe('stock whose rows lie in another order than that of its locks', () => {
  const lines = [newId(1), newId(2)].map(skuId => ({ skuId, quantity: 1 }));
  const [first, last] = lines.map(({ skuId }) => skuId);
  let shop: TestApp;
  let stock: Stock;
  beforeAll(async () => {
    shop = await startApp();
    stock = shop.app.get(Stock, { strict: false });
    for (const { skuId } of lines.toReversed()) await stockGoods(shop.database, { skuId });
  });
  afterAll(() => shop.stop());

  async function expectLocksInOrder(work: () => Promise<unknown>): Promise<void> {
    await shop.database.query('analyze stock_items, stock_reservations');
    const lockRow = 'select from stock_items where sku_id = $1 for update nowait';
    const held = await holdLock(shop.database, lockRow, [first]);
    const working = work();
    await until('it waits for the first row', async () => (await waitingForLocks(shop.database)) === 1);
    try {
      const free = await holdLock(shop.database, lockRow, [last]);
      await free.release();
    } finally {
      await held.release();
      await working;
    }
  }

  it('is reserved without holding one row while waiting for an earlier one', async () => {
    await expectLocksInOrder(() => stock.reserve(newId(), lines.toReversed()));
  });

  it('is noted after what it waited for, or the ledger would tell it the wrong way round', async () => {
    const reference = newId();
    const lockRow = 'select from stock_items where sku_id = $1 for update';
    const held = await holdLock(shop.database, lockRow, [first]);
    const back = stock.takeBack(reference, lines.slice(0, 1));
    await until('it waits for the row', async () => (await waitingForLocks(shop.database)) === 1);
    await held.release(ledgerRow(`'receive', 1, 1, 0`));
    await back;
    const { rows } = await shop.database.query<{ reference: string }>(
      'select reference from stock_ledger where sku_id = $1 order by position desc limit 2',
      [first],
    );
    expect(rows.map(row => row.reference)).toEqual([reference, 'x']);
  });

  it('comes back likewise', async () => {
    await expectLocksInOrder(() => stock.takeBack(newId(), lines.toReversed()));
  });

  it.each(['commit', 'release'] as const)('is settled likewise: %s', async settle => {
    const reference = newId();
    for (const { skuId } of lines.toReversed()) {
      await shop.database.query(
        'insert into stock_reservations (reference, sku_id, quantity) values ($1, $2, 1)',
        [reference, skuId],
      );
      await shop.database.query('update stock_items set reserved = reserved + 1 where sku_id = $1', [skuId]);
    }
    await expectLocksInOrder(() => stock[settle](reference));
  });
});

function ledgerRow(movement: string): string {
  return `insert into stock_ledger (reference, sku_id, kind, quantity, on_hand_delta, reserved_delta)
    values ('x', $1, ${movement})`;
}
