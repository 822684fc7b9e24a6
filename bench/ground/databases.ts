/** A migrated and seeded database for each size of the catalogue, made when somebody asks for it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { seedCatalog } from '../../tools/seed/seed-catalog.ts';

const run = promisify(execFile);

export class Databases {
  readonly #root: string;
  readonly #serverUrl: string;
  readonly #made = new Map<number, Promise<string>>();

  constructor(root: string, serverUrl: string) {
    this.#root = root;
    this.#serverUrl = serverUrl;
  }

  /** The URL of a database with so many products. */
  withProducts(products: number): Promise<string> {
    const made = this.#made.get(products) ?? this.#make(products);
    this.#made.set(products, made);
    return made;
  }

  /**
   * What autovacuum does once a minute, and a round is shorter: plans that were made for empty tables are kept, by
   * whoever came first, and read all of what has been written since.
   */
  async analyze(products: number): Promise<void> {
    await onDatabase(await this.withProducts(products), client => client.query('analyze'));
  }

  async #make(products: number): Promise<string> {
    const name = `bench_${products}`;
    await onDatabase(this.#serverUrl, client => client.query(`create database ${name}`));
    const url = new URL(this.#serverUrl);
    url.pathname = `/${name}`;
    await this.#migrate(url.href);
    await onDatabase(url.href, async client => {
      await seedCatalog(client, { products });
      await fillShelves(client);
      await generateIds(client);
      await client.query('vacuum analyze');
    });
    return url.href;
  }

  async #migrate(url: string): Promise<void> {
    const env = { ...process.env, DATABASE_URL: url };
    await run(process.execPath, [join(this.#root, 'dist/platform/database/migrate.js')], { env });
  }
}

/** No round may end because the goods have run out. */
async function fillShelves(client: pg.Client): Promise<void> {
  await client.query('update stock_items set on_hand = 1000000');
}

/** Minnow makes its ids; the usual Nest lets the database make them, and `save()` would look first for any other. */
async function generateIds(client: pg.Client): Promise<void> {
  for (const table of ['users', 'sessions', 'orders', 'payments']) {
    await client.query(`alter table ${table} alter column id set default gen_random_uuid()`);
  }
}

export async function onDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'minnow-bench' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
