/** `npm run db:migrate|revert|seed|reset`: on DATABASE_URL, or on the local shop's database, running or not. */
import { resolve } from 'node:path';
import pg from 'pg';
import { build } from './build.ts';
import { onDatabase } from './launcher/database-command.ts';
import { runScript } from './launcher/run-script.ts';
import { say } from './launcher/say.ts';

const ROOT = resolve(import.meta.dirname, '..');
const LOOPBACK = /^(localhost|127(\.\d+){3}|::1|\[::1\])$/;
/** A running shop's transactions last milliseconds. */
const LOCK_TIMEOUT_MS = 5000;

interface Work {
  readonly url: string;
  readonly stop: AbortSignal;
  readonly force: boolean;
}

const commands: Readonly<Record<string, (work: Work) => Promise<void>>> = {
  migrate: work => migrate(work, 'run'),
  revert: work => migrate(work, 'revert'),
  seed,
  reset,
};

/** @throws Error that says how it is used */
function commandOf([name = '', ...flags]: readonly string[]): (work: Work) => Promise<void> {
  const command = commands[name];
  if (command && flags.every(flag => flag === '--yes')) return command;
  throw new Error(`usage: npm run db:${Object.keys(commands).join('|')} [-- --yes]`);
}

async function migrate(work: Work, direction: 'run' | 'revert'): Promise<void> {
  await build(ROOT, work.stop);
  await run(work, 'dist/platform/database/migrate.js', direction);
}

async function seed(work: Work): Promise<void> {
  refuseInProduction('db:seed fills the shop with made-up products');
  await run(work, 'tools/seed/main.ts');
}

/** Everything in the schema goes, in a moment; a shop that is running starts over without its data. */
async function reset(work: Work): Promise<void> {
  refuseInProduction('db:reset deletes everything');
  // The driver's reading of the URL decides: a parameter `host` would win over the one that is seen first.
  const client = new pg.Client({
    connectionString: work.url,
    connectionTimeoutMillis: 5000,
    lock_timeout: LOCK_TIMEOUT_MS,
    application_name: 'minnow-reset',
  });
  if (!LOOPBACK.test(client.host) && !work.force) {
    throw new Error(`db:reset deletes everything in ${client.database} on ${client.host}: add -- --yes`);
  }
  await build(ROOT, work.stop);
  await dropEverything(client);
  say('dropped everything');
  await migrate(work, 'run');
  await seed(work);
}

function refuseInProduction(danger: string): void {
  const mode = process.env['NODE_ENV'] || 'development';
  if (mode !== 'development' && mode !== 'test') throw new Error(`${danger}: refused with NODE_ENV=${mode}`);
}

async function dropEverything(client: pg.Client): Promise<void> {
  await client.connect().catch((cause: unknown) => {
    // An address that resolves to several machines fails with an empty message.
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new Error(`cannot connect to PostgreSQL on ${client.host}:${client.port}: ${reason}`, { cause });
  });
  try {
    await client.query('begin; drop schema public cascade; create schema public; commit');
  } finally {
    await client.end();
  }
}

function run({ url, stop }: Work, script: string, ...args: readonly string[]): Promise<void> {
  return runScript({ root: ROOT, databaseUrl: url, stop }, script, ...args);
}

await onDatabase(ROOT, () => {
  const args = process.argv.slice(2);
  const command = commandOf(args);
  return (url, stop) => command({ url, stop, force: args.includes('--yes') });
});
