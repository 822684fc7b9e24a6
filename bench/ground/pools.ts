/** Pools of connections as they are when a burst comes, in this process. */
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { Histogram } from 'prom-client';
import type * as LoadConfig from '../../src/platform/config/load-config.ts';
import type * as DataSources from '../../src/platform/database/data-source.ts';
import type * as Configs from '../../src/platform/database/database.config.ts';
import type * as Observers from '../../src/platform/database/statement-observer.ts';
import type { PoolSide } from '../scenario.ts';
import { root } from './ground.ts';

export interface OpenPool {
  readonly pool: pg.Pool;
  end(): Promise<void>;
}

const most = 50;
const idle = 5;

export function openPool({ pool, env }: PoolSide, url: string): Promise<OpenPool> {
  return pool === 'minnow' ? openOfMinnow({ ...env, DATABASE_URL: url }) : openStock(url);
}

async function openStock(url: string): Promise<OpenPool> {
  const pool = new pg.Pool({ connectionString: url, max: most });
  const clients = await Promise.all(Array.from({ length: idle }, () => pool.connect()));
  for (const client of clients) client.release();
  return { pool, end: () => pool.end() };
}

/** As the built shop opens it. */
async function openOfMinnow(env: Record<string, string>): Promise<OpenPool> {
  const { loadSlice } = await load<typeof LoadConfig>('config/load-config.js');
  const { DatabaseConfig } = await load<typeof Configs>('database/database.config.js');
  const { createDataSource, poolOf } = await load<typeof DataSources>('database/data-source.js');
  const { StatementObserver } = await load<typeof Observers>('database/statement-observer.js');
  const durations = new Histogram({
    name: 'statements',
    help: 'x',
    labelNames: ['operation'],
    registers: [],
  });
  const observer = new StatementObserver(durations, Infinity);
  const dataSource = await createDataSource(loadSlice(DatabaseConfig, env), [], observer).initialize();
  const pool = poolOf(dataSource);
  pool.keepWarm();
  while (pool.idleCount < (pool.options.min ?? 0)) await delay(10);
  return { pool, end: () => dataSource.destroy() };
}

async function load<Module>(path: string): Promise<Module> {
  return (await import(pathToFileURL(join(root, 'dist/platform', path)).href)) as Module;
}
