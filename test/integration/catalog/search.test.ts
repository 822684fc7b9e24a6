import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CatalogRepository,
  listStatement,
  type CardRow,
  type ProductFilter,
} from '../../../src/modules/catalog/catalog.repository.ts';
import { productSorts, type ProductSort } from '../../../src/modules/catalog/catalog.contract.ts';
import { products } from '../../../tools/seed/catalogue.ts';
import { newId } from '../../../src/kernel/id.ts';
import { startApp, type TestApp } from '../../support/app.ts';

const manyNames = 100_000;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Plan[];
}

describe('searching 100,000 names', () => {
  let shop: TestApp;
  const categoryId = newId();
  beforeAll(async () => {
    shop = await startApp();
    await insertNames(Array.from(products(manyNames), product => product.name));
  }, 120_000);
  afterAll(() => shop.stop());

  async function insertNames(names: readonly string[]): Promise<void> {
    const { database } = shop;
    // Built at the end the index takes a second, kept up to date on the way it takes twenty.
    const { rows } = await database.query(
      `select indexdef from pg_indexes where indexname = 'products_name_grams'`,
    );
    await database.query('drop index products_name_grams');
    await database.query(`insert into categories (id, name, position) values ($1, '全部', 0)`, [categoryId]);
    await database.query(
      `insert into products (id, category_id, name, image_paths, price_fen, sales, created_at)
       select gen_random_uuid(), $1, name, '{/media/x.svg}', 100 + nth % 9000, nth % 700, now() - nth * interval '1 minute'
       from unnest($2::text[]) with ordinality as named (name, nth)`,
      [categoryId, names],
    );
    await database.query(rows[0].indexdef);
    await database.query('analyze products');
  }

  async function planOf(q: string, sort: ProductSort, way: 'find' | 'walk', options = ''): Promise<Plan[]> {
    const { sql, parameters } = listStatement({ q, sort, limit: 21 }, way);
    const { rows } = await shop.database.query(`explain (${options} format json) ${sql}`, parameters);
    return nodes(rows[0]['QUERY PLAN'][0].Plan);
  }

  /** How many products PostgreSQL looks at. */
  async function looksAt(q: string, sort: ProductSort, way: 'find' | 'walk'): Promise<number> {
    const plan = await planOf(q, sort, way, 'analyze, timing off,');
    const scans = plan.filter(({ 'Node Type': type }) => /Seq Scan|Index Scan|Heap Scan/.test(type));
    const products = scans.filter(({ 'Node Type': type }) => type !== 'Bitmap Index Scan');
    return products.map(rowsOf).reduce((sum, rows) => sum + rows, 0);
  }

  function list(filter: Omit<ProductFilter, 'sort'> & { sort?: ProductSort }): Promise<CardRow[]> {
    const repository = shop.app.get(CatalogRepository, { strict: false });
    return repository.listProducts({ sort: 'newest', ...filter });
  }

  async function search(q: string): Promise<string[]> {
    return (await list({ q, limit: manyNames })).map(({ id }) => id);
  }

  async function naiveSearch(q: string): Promise<string[]> {
    const { rows } = await shop.database.query<{ id: string }>(
      `select id from products where position(lower($1) in lower(name)) > 0 order by created_at desc, id desc`,
      [q],
    );
    return rows.map(row => row.id);
  }

  // Rare and common words: a plan that depends on how common a word is falls apart on the word nobody tried.
  const queries = ['窝', '茶', '米', '龙井', '收纳', '耳机', '机械键盘', '红富士苹', '典藏版1'];

  describe.each(queries)('for %s', q => {
    it.each(productSorts)('reads the name index, sorted by %s', async sort => {
      const plan = await planOf(q, sort, 'find');
      const scans = plan.filter(node => node['Node Type'] === 'Bitmap Index Scan');
      expect(scans.map(scan => scan['Index Name'])).toContain('products_name_grams');
      expect(plan.map(node => node['Node Type'])).not.toContain('Seq Scan');
    });

    it('finds what reading every name finds', async () => {
      const found = await search(q);
      expect(found).not.toEqual([]);
      expect(found).toEqual(await naiveSearch(q));
    });
  });

  // In nearly every name, and in one of eight: more than anybody would sort.
  describe.each(['版', '号', '版1', '典藏版', '家'])('for %s, which is everywhere,', q => {
    it.each(productSorts)('looks at a part of the catalogue only, sorted by %s', async sort => {
      expect(await looksAt(q, sort, 'find')).toBeLessThan(manyNames / 2);
      expect(await looksAt(q, sort, 'walk')).toBeLessThan(manyNames / 50);
    });

    it.each([
      ['newest', 'created_at desc', (row: CardRow) => row.createdMs],
      ['price_asc', 'price_fen', (row: CardRow) => row.priceFen],
      ['sales', 'sales desc', (row: CardRow) => row.sales],
    ] as const)('pages through what reading every name finds, sorted by %s', async (sort, order, keyOf) => {
      const { rows: expected } = await shop.database.query<{ id: string }>(
        `select id from products where position($1 in name) > 0
         order by ${order}, id ${sort === 'price_asc' ? '' : 'desc'} limit 60`,
        [q],
      );
      const first = await list({ q, sort, limit: 40 });
      const last = first[39]!;
      const second = await list({ q, sort, limit: 20, after: { key: keyOf(last), id: last.id } });
      expect([...first, ...second].map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    });
  });

  it('finds a page that comes last of all', async () => {
    const { rows } = await shop.database.query<{ id: string }>(
      `select id from products where position('版' in name) > 0 order by created_at, id limit 3`,
    );
    const [first, second, third] = rows.map(({ id }) => id);
    const { rows: at } = await shop.database.query<{ key: string }>(
      'select extract(epoch from created_at) * 1000 as key from products where id = $1',
      [third],
    );
    const page = await list({ q: '版', limit: 20, after: { key: Number(at[0]!.key), id: third! } });
    expect(page.map(({ id }) => id)).toEqual([second, first]);
  });

  it('finds nothing where the pairs of letters stand apart', async () => {
    const { rows } = await shop.database.query<{ lies: boolean }>(
      `select minnow_grams('红茶绿茶红') @> minnow_grams('茶红茶') as lies`,
    );
    expect(rows[0]!.lies).toBe(true);
    await insertOne('红茶绿茶红');
    expect(await search('茶红茶')).toEqual([]);
    expect(await search('茶绿茶')).toHaveLength(1);
  });

  it.each([
    ['ｉＰｈｏｎｅ　１５　手机壳', 'iphone 15'],
    ['Type-C to HDMI 转接头', 'TYPE-c TO'],
    ['㎏ 装猫粮', 'KG'],
    ['ABC', 'ａｂｃ'],
    ['双   空格', '双 空格'],
    ['100%棉_混纺', '%棉_'],
    ['引\'号"与\\斜杠', '\'号"与\\'],
  ])('finds %s by %s', async (name, q) => {
    const id = await insertOne(name);
    expect(await search(q)).toContain(id);
  });

  async function insertOne(name: string): Promise<string> {
    const id = newId();
    await shop.database.query(
      `insert into products (id, category_id, name, image_paths, price_fen) values ($1, $2, $3, '{/media/x.svg}', 100)`,
      [id, categoryId, name],
    );
    return id;
  }
});

function nodes(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}

function rowsOf(node: Plan): number {
  const { 'Actual Rows': rows = 0, 'Rows Removed by Filter': filtered = 0 } = node;
  return rows + filtered + (node['Rows Removed by Index Recheck'] ?? 0);
}
