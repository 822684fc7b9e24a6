import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { newId } from '../../src/kernel/id.ts';

export interface Goods {
  readonly categoryId: string;
  readonly productId: string;
  readonly skuId: string;
}

export interface GoodsOptions {
  readonly skuId?: string;
  readonly onHand?: number;
  readonly priceFen?: number;
  readonly name?: string;
}

/** A product of its own with one SKU on sale and its stock, so that tests never share goods. */
export async function stockGoods(database: pg.Pool, options: GoodsOptions = {}): Promise<Goods> {
  const { onHand = 10, priceFen = 1_990, name = `测试商品 ${randomUUID().slice(0, 8)}` } = options;
  const goods = { categoryId: newId(), productId: newId(), skuId: options.skuId ?? newId() };
  await database.query('insert into categories (id, name, position) values ($1, $2, 0)', [
    goods.categoryId,
    goods.categoryId,
  ]);
  await database.query(
    `insert into products (id, category_id, name, image_paths, price_fen) values ($1, $2, $3, '{/media/x.svg}', $4)`,
    [goods.productId, goods.categoryId, name, priceFen],
  );
  await database.query(
    `insert into skus (id, product_id, name, specs, price_fen, position)
     values ($1, $2, '标准装', '[{"name":"规格","value":"标准装"}]', $3, 0)`,
    [goods.skuId, goods.productId, priceFen],
  );
  await receiveStock(database, goods.skuId, onHand);
  return goods;
}

async function receiveStock(database: pg.Pool, skuId: string, onHand: number): Promise<void> {
  await database.query('insert into stock_items (sku_id, on_hand) values ($1, $2)', [skuId, onHand]);
  if (onHand === 0) return;
  await database.query(
    `insert into stock_ledger (reference, sku_id, kind, quantity, on_hand_delta, reserved_delta)
     values ($1, $2, 'receive', $3, $3, 0)`,
    [`receive-${skuId}`, skuId, onHand],
  );
}

export interface StockLevel {
  readonly onHand: number;
  readonly reserved: number;
}

export async function stockOf(database: pg.Pool, skuId: string): Promise<StockLevel> {
  const { rows } = await database.query<StockLevel>(
    'select on_hand as "onHand", reserved from stock_items where sku_id = $1',
    [skuId],
  );
  return rows[0]!;
}

/** What the ledger says the stock must be: replaying it always gives the balance. */
export async function replayLedger(database: pg.Pool, skuId: string): Promise<StockLevel> {
  const { rows } = await database.query<StockLevel>(
    `select coalesce(sum(on_hand_delta), 0)::int as "onHand", coalesce(sum(reserved_delta), 0)::int as reserved
     from stock_ledger where sku_id = $1`,
    [skuId],
  );
  return rows[0]!;
}
