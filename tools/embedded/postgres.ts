/** A real PostgreSQL on 127.0.0.1, from npm, for development and tests. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { spawnService, untilReady, type Embedded, type Service, type Watch } from './child.ts';
import { isCode } from './error-code.ts';
import { onPort } from './ports.ts';
import { findPostgres, type Isolation, type PostgresProgram } from './postgres-program.ts';
import { endLeftoverPostgres } from './postgres-leftover.ts';

const run = promisify(execFile);
const NAME = 'minnow';
/** Recovery after a crash replays the log first; a fresh start takes well under a second. */
const READY_WITHIN_MS = 60_000;

export interface PostgresOptions {
  /** Holds `data/`, `password` (0600) and `postgres.log`. */
  readonly dataDir: string;
  readonly port?: number | undefined;
  /** False: nothing survives a power cut. For tests. */
  readonly durable?: boolean | undefined;
  readonly isolation?: Isolation | undefined;
  readonly watch?: Watch | undefined;
}

/**
 * Starts PostgreSQL on `dataDir`, makes the cluster (UTF8, C.UTF-8) and the database on first use, and resolves
 * once it accepts connections. What a killed predecessor left behind is ended first.
 * @throws Error with the tail of PostgreSQL's log.
 */
export async function startPostgres(options: PostgresOptions): Promise<Embedded> {
  const directory = resolve(options.dataDir);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const program = await findPostgres(directory, options.isolation);
  const data = join(program.home, 'data');
  // First, because preparing may replace the programs that a leftover still runs.
  await endLeftoverPostgres(data);
  const passwordFile = join(directory, 'password');
  // Somebody deleted the data directory to start afresh; a copy's cluster lives elsewhere, and goes with it.
  if (program.isolation === 'copy' && !existsSync(passwordFile)) program.remove();
  await program.prepare();
  const password = keptPassword(passwordFile);
  if (!existsSync(data)) await createCluster(program, password);
  const { service, url } = await onPort(options.port, port => serve(program, options, password, port));
  return {
    url,
    pid: service.pid,
    exited: service.exited,
    stop: service.stop,
    async destroy(withinMs) {
      await service.stop(withinMs);
      program.remove();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function keptPassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

/** Made beside its final name, so that a start cut short never leaves half a cluster under it. */
async function createCluster(program: PostgresProgram, password: string): Promise<void> {
  const draft = join(program.home, 'data.new');
  const passwordFile = join(program.home, 'password.new');
  rmSync(draft, { recursive: true, force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  await program.own(passwordFile);
  try {
    await initdb(program, draft, passwordFile, ['C.UTF-8', 'en_US.UTF-8', 'C']);
    renameSync(draft, join(program.home, 'data'));
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/**
 * Case and order come from PostgreSQL's own C.UTF-8, equal on every machine. LC_CTYPE still comes from the
 * operating system and must know UTF-8 as well: with plain `C` trigrams of Chinese text are empty.
 */
async function initdb(
  program: PostgresProgram,
  data: string,
  passwordFile: string,
  [ctype = 'C', ...otherCtypes]: readonly string[],
): Promise<void> {
  const locale = [
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    `--lc-ctype=${ctype}`,
  ];
  const access = [`--username=${NAME}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const args = ['-D', data, '--encoding=UTF8', ...locale, ...access, '--no-sync', '--no-instructions'];
  const { command, args: all } = program.command('initdb', args);
  try {
    await run(command, all, { ...program.user, cwd: '/', env: programEnv() });
  } catch (error) {
    const unknownLocale = error instanceof Error && /invalid locale name/.test(error.message);
    if (!unknownLocale || otherCtypes.length === 0) throw error;
    rmSync(data, { recursive: true, force: true });
    await initdb(program, data, passwordFile, otherCtypes);
  }
}

async function serve(
  program: PostgresProgram,
  options: PostgresOptions,
  password: string,
  port: number,
): Promise<{ service: Service; url: string }> {
  const url = `postgres://${NAME}:${password}@127.0.0.1:${port}/${NAME}`;
  const flags = [...settings(port), ...(options.durable === false ? VOLATILE : [])].flatMap(s => ['-c', s]);
  const service = await spawnService({
    name: 'PostgreSQL',
    ...program.command('postgres', ['-D', join(program.home, 'data'), ...flags]),
    env: programEnv(),
    logFile: join(options.dataDir, 'postgres.log'),
    // INT: fast shutdown with a checkpoint. QUIT: at once, recovery at the next start.
    stopSignals: ['SIGINT', 'SIGQUIT'],
    ...(program.user && { user: program.user }),
    watch: options.watch,
  });
  try {
    await untilReady(service, () => accepts(url), READY_WITHIN_MS);
    return { service, url };
  } catch (error) {
    await service.stop(0);
    throw error;
  }
}

const VOLATILE = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

function settings(port: number): string[] {
  return [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    // No socket file: /tmp may not be writable for the user we run as.
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=128MB',
    'timezone=UTC',
    'log_timezone=UTC',
  ];
}

function programEnv(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C' };
}

async function accepts(url: string): Promise<boolean> {
  try {
    await query(url, 'SELECT 1');
    return true;
  } catch (error) {
    if (isCode(error, '3D000')) {
      await query(url.replace(/[^/]+$/, 'postgres'), `CREATE DATABASE ${NAME}`);
      return true;
    }
    // 57P03: starting up. An error without a SQLSTATE is the network's: nobody listens yet.
    if (error instanceof pg.DatabaseError && error.code !== '57P03') throw error;
    return false;
  }
}

async function query(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 3000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => undefined);
  }
}
