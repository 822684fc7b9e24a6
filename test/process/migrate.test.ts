import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
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

  const migrate = async (command = 'run', settings: Record<string, string> = {}): Promise<string> => {
    const env = { ...process.env, DATABASE_URL: url, ...settings };
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

  const failure = (running: Promise<string>): Promise<{ readonly stderr: string }> =>
    running.then(
      output => Promise.reject(new Error(`it went through: ${output}`)),
      (error: { readonly stderr: string }) => error,
    );

  it('wait for each other when three instances start at once', async () => {
    const outputs = await Promise.all([migrate(), migrate(), migrate()]);
    expect(outputs.filter(text => text.startsWith('applied:'))).toHaveLength(1);
    expect(outputs.filter(text => text.includes('up to date'))).toHaveLength(2);
  });

  it('can all be reverted, leaving nothing behind, and applied again', async () => {
    await migrate();
    const applied = await query<{ name: string }>('select name from migrations');
    for (const _ of applied) expect(await migrate('revert')).toBe('reverted the last migration\n');
    expect(await migrate('revert')).toBe('there is nothing to revert\n');
    const left = await query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public'
       union select routine_name from information_schema.routines where routine_schema = 'public'`,
    );
    expect(left.map(({ name }) => name)).toEqual(['migrations']);
    expect(await migrate()).toMatch(/^applied:/);
  });

  it('give up on a table in use, instead of holding up everybody who comes after them', async () => {
    await migrate();
    const busy = new pg.Client({ connectionString: url });
    await busy.connect();
    await busy.query('begin; lock table migrations in access exclusive mode');
    expect((await failure(migrate())).stderr).toMatch(/^a table was in use for 10 s.*\n$/);
    await busy.end();
    expect(await migrate()).toContain('up to date');
  });

  it('do not wait for ever for one that hangs', async () => {
    const hung = new pg.Client({ connectionString: url });
    await hung.connect();
    await hung.query('select pg_advisory_lock(7041776)');
    const { stderr } = await failure(migrate('run', { DATABASE_URL: `${url}?lock_timeout=300` }));
    expect(stderr).toMatch(/^another migration is still running.*\n$/);
    await hung.end();
    expect(await migrate()).toContain('up to date');
  });

  it('tell PostgreSQL how long they would wait', async () => {
    const greetings: string[] = [];
    const server = createServer(socket => {
      socket.once('data', bytes => {
        greetings.push(bytes.toString().replaceAll('\0', ' '));
        socket.destroy();
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    await failure(migrate('run', { DATABASE_URL: `postgres://minnow@127.0.0.1:${port}/none` }));
    server.close();
    expect(greetings).toEqual([expect.stringContaining(' lock_timeout 300000 ')]);
  });

  it('are found wherever the shop is kept', async () => {
    const place = mkdtempSync(join(tmpdir(), 'minnow (1) [x] {a,b}#'));
    try {
      for (const name of ['dist', 'config', 'package.json'])
        cpSync(join(REPOSITORY, name), join(place, name), { recursive: true });
      symlinkSync(join(REPOSITORY, 'node_modules'), join(place, 'node_modules'));
      const moved = (command: string): Promise<string> => {
        const env = { ...process.env, DATABASE_URL: url };
        const script = join(place, 'dist/platform/database/migrate.js');
        return run(process.execPath, [script, command], { env }).then(({ stdout }) => stdout);
      };
      await migrate();
      expect(await moved('revert')).toContain('reverted');
      expect(await moved('run')).toMatch(/^applied:/);
      rmSync(join(place, 'dist/modules'), { recursive: true });
      for (const folder of ['events', 'idempotency'])
        rmSync(join(place, 'dist/platform', folder, 'migrations'), { recursive: true });
      expect((await failure(moved('run'))).stderr).toContain('there are no migrations below');
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  it('say in one line that the database is not there', async () => {
    const { stderr } = await failure(
      migrate('run', { DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/none' }),
    );
    expect(stderr).toMatch(/^PostgreSQL at 127\.0\.0\.1:1 refuses: .*ECONNREFUSED.*\n$/);
    expect(stderr).not.toContain('secret');
  });

  it('read the configuration of the mode they run in', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'minnow-migrate-'));
    writeFileSync(join(directory, 'production.yaml'), 'database: { poolMax: none }');
    const settings = { NODE_ENV: 'production', CONFIG_DIR: directory };
    const { stderr } = await failure(migrate('run', settings));
    rmSync(directory, { recursive: true });
    expect(stderr).toContain('DATABASE_POOL_MAX (database.poolMax)');
  });
});
