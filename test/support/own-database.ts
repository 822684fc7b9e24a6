import pg from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, inject } from 'vitest';
import { loadSlice } from '../../src/platform/config/load-config.ts';
import { createDataSource } from '../../src/platform/database/data-source.ts';
import { DatabaseConfig } from '../../src/platform/database/database.config.ts';
import { createDatabase } from './databases.ts';
import { unwatched } from './observer.ts';

export interface OwnDatabase {
  readonly url: string;
  /** Somebody else's connection. */
  readonly outsider: pg.Pool;
  /** As the shop opens it, with nothing around it. */
  open(env?: Readonly<Record<string, string>>): Promise<DataSource>;
}

/** An empty database for the suite that calls this; what it is can be asked from its hooks and tests. */
export function ownDatabase(): OwnDatabase {
  let database: { url: string; drop(): Promise<void> };
  let outsider: pg.Pool;
  beforeAll(async () => {
    database = await createDatabase(inject('stackEnv')['DATABASE_URL']!);
    outsider = new pg.Pool({ connectionString: database.url, max: 1 });
  });
  afterAll(async () => {
    await outsider.end();
    await database.drop();
  });
  return {
    get url() {
      return database.url;
    },
    get outsider() {
      return outsider;
    },
    open(env = {}) {
      const config = loadSlice(DatabaseConfig, { DATABASE_URL: database.url, ...env });
      return createDataSource(config, [], unwatched()).initialize();
    },
  };
}
