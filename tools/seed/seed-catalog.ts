import type { ClientBase } from 'pg';
import { categories, categoryId, demoProducts, products, type SeedProduct } from './catalogue.ts';

export interface SeedOptions {
  readonly products?: number | undefined;
}

/** Any number that nothing else in the database locks. */
const seedLock = 7_041_777;
const batchSize = 5_000;

/**
 * Fills an empty catalogue with a demo shop, in one transaction: the same rows and ids every time. A database that
 * already has categories is left alone and false is returned. 100,000 products take tens of seconds.
 */
export async function seedCatalog(client: ClientBase, options: SeedOptions = {}): Promise<boolean> {
  await client.query('begin');
  try {
    // Two processes may start on one empty database.
    await client.query('select pg_advisory_xact_lock($1)', [seedLock]);
    const { rowCount } = await client.query('select from categories limit 1');
    if (rowCount === 0) await insertAll(client, options.products ?? demoProducts);
    await client.query('commit');
    return rowCount === 0;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function insertAll(client: ClientBase, count: number): Promise<void> {
  await insertCategories(client);
  // Collecting what the name index must learn is three times faster for 100,000 names than learning one by one.
  await client.query('alter index products_name_grams set (fastupdate = on)');
  let batch: SeedProduct[] = [];
  for (const product of products(count)) {
    batch.push(product);
    if (batch.length === batchSize) {
      await insertProducts(client, batch);
      batch = [];
    }
  }
  await insertProducts(client, batch);
  await client.query('alter index products_name_grams set (fastupdate = off)');
  await client.query(`select gin_clean_pending_list('products_name_grams')`);
  // The first searches should not be planned on guesses.
  await client.query('analyze categories, products, skus, stock_items');
}

async function insertCategories(client: ClientBase): Promise<void> {
  const rows = categories.map((category, position) => ({
    id: categoryId(category),
    name: category.name,
    image_path: `/media/categories/${category.slug}.svg`,
    position,
  }));
  await insert(client, 'categories', 'id uuid, name text, image_path text, position integer', rows);
}

async function insertProducts(client: ClientBase, batch: readonly SeedProduct[]): Promise<void> {
  await insert(
    client,
    'products',
    `id uuid, category_id uuid, name text, subtitle text, description text, image_paths text[], price_fen integer,
     market_price_fen integer, sales integer, status text, created_at timestamptz`,
    batch.map(productRow),
  );
  await insert(
    client,
    'skus',
    'id uuid, product_id uuid, name text, specs jsonb, price_fen integer, position integer, status text',
    batch.flatMap(skuRows),
  );
  await insertStock(client, batch);
}

async function insertStock(client: ClientBase, batch: readonly SeedProduct[]): Promise<void> {
  const stock = batch.flatMap(({ skus }) => skus.map(({ id, units }) => ({ sku_id: id, on_hand: units })));
  await insert(client, 'stock_items', 'sku_id uuid, on_hand integer', stock);
  const received = stock
    .filter(({ on_hand }) => on_hand > 0)
    .map(({ sku_id, on_hand: quantity }) => ({
      reference: 'seed',
      sku_id,
      kind: 'receive',
      quantity,
      on_hand_delta: quantity,
      reserved_delta: 0,
    }));
  await insert(
    client,
    'stock_ledger',
    'reference text, sku_id uuid, kind text, quantity integer, on_hand_delta integer, reserved_delta integer',
    received,
  );
}

/** `columns` are names with types, as PostgreSQL reads them out of the JSON. */
async function insert(
  client: ClientBase,
  table: string,
  columns: string,
  rows: readonly object[],
): Promise<void> {
  const names = columns.split(',').map(column => column.trim().split(' ')[0]!);
  await client.query(
    `insert into ${table} (${names.join(', ')})
     select ${names.join(', ')} from json_to_recordset($1::json) as row (${columns})`,
    [JSON.stringify(rows)],
  );
}

function productRow(product: SeedProduct) {
  return {
    id: product.id,
    category_id: categoryId(product.category),
    name: product.name,
    subtitle: product.subtitle,
    description: product.description,
    image_paths: [product.imagePath],
    price_fen: product.priceFen,
    market_price_fen: product.marketPriceFen,
    sales: product.sales,
    status: statusOf(product.onSale),
    created_at: product.createdAt,
  };
}

function skuRows({ id, skus }: SeedProduct) {
  return skus.map((sku, position) => ({
    id: sku.id,
    product_id: id,
    name: sku.name,
    specs: sku.specs,
    price_fen: sku.priceFen,
    position,
    status: statusOf(sku.onSale),
  }));
}

function statusOf(onSale: boolean): string {
  return onSale ? 'on_sale' : 'withdrawn';
}
