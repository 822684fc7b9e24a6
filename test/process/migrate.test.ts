import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../../tools/build.ts';
import { startStack, type Stack } from '../../tools/embedded/stack.ts';
import { REPOSITORY } from './support.ts';

const run = promisify(execFile);

describe('migrations', () => {
  let stack: Stack;
  let url: string;
  beforeAll(async () => {
    await build(REPOSITORY);
    stack = await startStack({ services: ['postgres'] });
    url = stack.env['DATABASE_URL']!;
  });
  afterAll(() => stack.stop());

  const migrate = async (command = 'run', databaseUrl = url): Promise<string> => {
    const env = { ...process.env, DATABASE_URL: databaseUrl };
    const script = join(REPOSITORY, 'dist/platform/database/migrate.js');
    return (await run(process.execPath, [script, command], { env })).stdout;
  };

  const query = async <Row extends object>(sql: string): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client
      .query<Row>(sql)
      .then(({ rows }) => rows)
      .finally(() => client.end());
  };

  it('wait for each other when three instances start at once', async () => {
    const outputs = await Promise.all([migrate(), migrate(), migrate()]);
    expect(outputs.filter(text => text.startsWith('applied:'))).toHaveLength(1);
    expect(outputs.filter(text => text.includes('up to date'))).toHaveLength(2);
  });

  it('can all be reverted, leaving nothing behind, and applied again', async () => {
    await migrate();
    const applied = await query<{ name: string }>('select name from migrations');
    for (const _ of applied) await migrate('revert');
    const left = await query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public'
       union select routine_name from information_schema.routines where routine_schema = 'public'`,
    );
    expect(left.map(({ name }) => name)).toEqual(['migrations']);
    expect(await migrate()).toMatch(/^applied:/);
  });

  it('say clearly that the database is not there', async () => {
    await expect(migrate('run', 'postgres://nobody@127.0.0.1:1/none')).rejects.toThrow(/ECONNREFUSED/);
  });
});
