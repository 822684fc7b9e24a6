import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCatalog20261122000110 implements MigrationInterface {
  name = 'CreateCatalog20261122000110';

  async up(runner: QueryRunner): Promise<void> {
    await createSearchFunctions(runner);
    await createTables(runner);
    await createIndexes(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table skus');
    await runner.query('drop table products');
    await runner.query('drop table categories');
    await runner.query('drop function minnow_grams(text)');
    await runner.query('drop function minnow_normal(text)');
  }
}

/** Changing either function means rebuilding `products.name_grams`: it is stored. */
async function createSearchFunctions(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create function minnow_normal(value text) returns text language sql immutable strict parallel safe
    return btrim(regexp_replace(lower(normalize(value, NFKC)), '\\s+', ' ', 'g'))`);
  // PL/pgSQL because it is 5 times faster here than one query over generate_series: every product write pays for it.
  await runner.query(`
    create function minnow_grams(normal text) returns text[] language plpgsql immutable strict parallel safe as $$
    declare
      chars text[] := string_to_array(normal, null);
      grams text[] := chars;
    begin
      for i in 2 .. cardinality(chars) loop
        grams := grams || (chars[i - 1] || chars[i]);
      end loop;
      return grams;
    end $$`);
}

async function createTables(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table categories (
      id uuid primary key,
      name text not null unique check (name <> ''),
      image_path text,
      position integer not null
    )`);
  // price_fen is the lowest price of the SKUs on sale, kept by whoever writes SKUs: sorting by price needs it indexed.
  // created_at has milliseconds, as JavaScript has: a cursor carries it exactly.
  await runner.query(`
    create table products (
      id uuid primary key,
      category_id uuid not null references categories,
      name text not null check (name <> ''),
      subtitle text,
      description text,
      image_paths text[] not null check (cardinality(image_paths) > 0),
      price_fen integer not null check (price_fen > 0),
      market_price_fen integer check (market_price_fen >= price_fen),
      sales integer not null default 0 check (sales >= 0),
      status text not null default 'on_sale' check (status in ('on_sale', 'withdrawn')),
      created_at timestamptz(3) not null default now(),
      name_grams text[] not null generated always as (minnow_grams(minnow_normal(name))) stored
    )`);
  await runner.query(`
    create table skus (
      id uuid primary key,
      product_id uuid not null references products,
      name text not null check (name <> ''),
      specs jsonb not null default '[]',
      price_fen integer not null check (price_fen > 0),
      image_path text,
      position integer not null,
      status text not null default 'on_sale' check (status in ('on_sale', 'withdrawn'))
    )`);
}

/** One index per sort, alone and within a category; price_desc reads the price index backwards. */
async function createIndexes(runner: QueryRunner): Promise<void> {
  for (const key of ['created_at', 'price_fen', 'sales']) {
    await runner.query(`create index products_${key} on products (${key}, id) where status = 'on_sale'`);
    await runner.query(
      `create index products_category_${key} on products (category_id, ${key}, id) where status = 'on_sale'`,
    );
  }
  // Names are written seldom and searched always: no pending list that every search would have to read.
  await runner.query(
    'create index products_name_grams on products using gin (name_grams) with (fastupdate = off)',
  );
  await runner.query('create index skus_product on skus (product_id, position)');
}
