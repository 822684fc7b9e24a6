import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { Stock } from '../../../src/modules/inventory/inventory.contract.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { replayLedger, stockGoods, stockOf } from '../../support/goods.ts';
import type { Answer } from '../../support/http.ts';
import { auditOf, Staff } from '../../support/staff.ts';
import { Shopper } from '../../support/shopper.ts';

interface Movement {
  readonly kind: string;
  readonly onHandDelta: number;
  readonly reservedDelta: number;
  readonly reason?: string;
  readonly actorId?: string;
}

interface Ledger {
  readonly items: readonly Movement[];
  readonly nextCursor?: string;
}

describe('a change of stock', () => {
  let shop: TestApp;
  let keeper: Staff;
  let stock: Stock;
  beforeAll(async () => {
    shop = await startApp();
    keeper = await Staff.hire(shop, 'warehouse');
    stock = shop.app.get(Stock, { strict: false });
  });
  afterAll(() => shop.stop());

  const change = (skuId: string, delta: number, key: string | true = true): Promise<Answer> =>
    keeper.post(`/skus/${skuId}/stock-changes`, { delta, reason: '盘点' }, { key });

  async function expectLevel(skuId: string, onHand: number, reserved: number): Promise<void> {
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand, reserved });
    expect(await replayLedger(shop.database, skuId)).toEqual({ onHand, reserved });
    const { body } = await keeper.get(`/skus/${skuId}/stock`);
    expect(body).toEqual({ skuId, onHand, reserved, available: onHand - reserved });
  }

  it('says why and by whom, in the ledger and in the audit log', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 10 });
    const { status, body } = await change(skuId, -4);
    expect([status, body]).toEqual([201, { skuId, onHand: 6, reserved: 0, available: 6 }]);
    await expectLevel(skuId, 6, 0);
    const { body: ledger } = await keeper.get<Ledger>(`/skus/${skuId}/stock-ledger`);
    expect(ledger.items).toMatchObject([
      { kind: 'adjust', onHandDelta: -4, reservedDelta: 0, reason: '盘点', actorId: keeper.id },
      { kind: 'receive', onHandDelta: 10, reservedDelta: 0 },
    ]);
    expect(await auditOf(shop, skuId)).toMatchObject([
      { action: 'stock.change', staffId: keeper.id, after: { delta: -4, reason: '盘点', onHand: 6 } },
    ]);
  });

  it('needs a key, and happens once however often it is sent with it', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 10 });
    const body = { delta: 5, reason: '到货' };
    const without = await keeper.post(`/skus/${skuId}/stock-changes`, body);
    expect([without.status, without.body['code']]).toEqual([400, 'idempotency.key_required']);
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => change(skuId, 5, key)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(
      new Set([`201 ${answers[0]!.text}`]),
    );
    const late = await change(skuId, 5, key);
    expect(late.headers.get('idempotency-replayed')).toBe('true');
    expect((await change(skuId, 6, key)).body).toMatchObject({ code: 'idempotency.key_reused' });
    await expectLevel(skuId, 15, 0);
  });

  it('under one key means this SKU, not another one', async () => {
    const [one, two] = [await stockGoods(shop.database), await stockGoods(shop.database)];
    const key = randomUUID();
    expect((await change(one.skuId, 1, key)).status).toBe(201);
    expect((await change(two.skuId, 1, key)).body).toMatchObject({ code: 'idempotency.key_reused' });
    await expectLevel(two.skuId, 10, 0);
  });

  it('takes nothing that was promised to an order, and tells the numbers', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 10 });
    await (await Shopper.login(shop)).order(skuId, 7);
    const refused = await change(skuId, -4);
    expect([refused.status, refused.body]).toEqual([
      409,
      expect.objectContaining({ code: 'inventory.below_reserved', onHand: 10, reserved: 7, delta: -4 }),
    ]);
    await expectLevel(skuId, 10, 7);
    expect((await change(skuId, -3)).status).toBe(201);
    await expectLevel(skuId, 7, 7);
  });

  it('stocks a SKU that was never stocked, and takes nothing from it', async () => {
    const { productId } = await stockGoods(shop.database);
    const manager = await Staff.hire(shop, 'manager');
    const sku = await manager.post<{ id: string }>(`/products/${productId}/skus`, {
      name: '新',
      priceFen: 1,
    });
    const skuId = sku.body.id;
    expect((await keeper.get(`/skus/${skuId}/stock`)).body).toMatchObject({ onHand: 0, available: 0 });
    expect((await change(skuId, -1)).status).toBe(409);
    expect((await change(skuId, 3)).body).toMatchObject({ available: 3 });
    await expectLevel(skuId, 3, 0);
  });

  it('never makes more units than can be counted', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 999_999_990 });
    const refused = await change(skuId, 11);
    expect([refused.status, refused.body['code']]).toEqual([422, 'inventory.too_large']);
    expect((await change(skuId, 10)).status).toBe(201);
  });

  it('does not let a breakage and an order take the same unit', async () => {
    for (let round = 0; round < 10; round++) {
      const { skuId } = await stockGoods(shop.database, { onHand: 1 });
      const [broken, sold] = await Promise.all([
        change(skuId, -1),
        stock.reserve(newId(), [{ skuId, quantity: 1 }]).then(
          () => true,
          () => false,
        ),
      ]);
      expect(broken.status === 201).not.toBe(sold);
      await expectLevel(skuId, sold ? 1 : 0, sold ? 1 : 0);
    }
  });

  it('comes in the ledger in the order in which it happened, page by page and none twice', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 0 });
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => change(skuId, index + 1)));
    const items: Movement[] = [];
    for (let cursor = ''; ;) {
      const { body } = await keeper.get<Ledger>(`/skus/${skuId}/stock-ledger?limit=5${cursor}`);
      items.push(...body.items);
      if (!body.nextCursor) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    let onHand = 0;
    const levels = items.toReversed().map(({ onHandDelta }) => (onHand += onHandDelta));
    const answered = answers.map(({ body }) => Number(body['onHand'])).sort((a, b) => a - b);
    expect(levels).toEqual(answered);
  });

  it.each([
    ['an adjustment that nobody explains', `'adjust', 2, -2, 0, null, null`],
    ['an adjustment that is not what it says', `'adjust', 2, -3, 0, 'x', '${newId()}'`],
    ['an adjustment of what is reserved', `'adjust', 2, 2, 1, 'x', '${newId()}'`],
  ])('PostgreSQL itself refuses %s', async (_, movement) => {
    const { skuId } = await stockGoods(shop.database);
    const sql = `insert into stock_ledger
      (reference, sku_id, kind, quantity, on_hand_delta, reserved_delta, reason, actor_id) values ('x', $1, ${movement})`;
    await expect(shop.database.query(sql, [skuId])).rejects.toMatchObject({ code: '23514' });
  });
});
