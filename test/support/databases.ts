import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

export async function migrate(root: string, databaseUrl: string): Promise<void> {
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  await run(process.execPath, [join(root, 'dist/platform/database/migrate.js')], { env });
}

/** A copy of the migrated template, made in some 50 ms. */
export async function createDatabase(templateUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const url = new URL(templateUrl);
  const template = url.pathname.slice(1);
  const name = `test_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  await onMaintenance(templateUrl, `create database ${name} template ${template}`);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onMaintenance(templateUrl, `drop database ${name} with (force)`) };
}

/** Creating from a template needs it unused, and two files may create at once: they take turns. */
async function onMaintenance(templateUrl: string, sql: string): Promise<void> {
  const url = new URL(templateUrl);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(7041777)');
    await client.query(sql);
  } finally {
    await client.end();
  }
}
