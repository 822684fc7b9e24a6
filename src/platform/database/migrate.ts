import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { ConfigError, loadSlice } from '../config/load-config.js';
import { migrationFolders } from './data-source.js';
import { isLockTimeout } from './database-error.js';
import { DatabaseConfig } from './database.config.js';

/** `node dist/platform/database/migrate.js [run|revert]`: the only writer of the schema. */

/** Any number, as long as every version of Minnow uses the same one. */
const migrationLock = 7_041_776;
/** Another instance may well be busy with a long migration; one that hangs for ever is for a person to look at. */
const turnTimeoutMs = 5 * 60_000;
/** While an ALTER waits for its table, every request for that table queues behind it. */
const lockTimeoutMs = 10_000;
const connectTimeoutMs = 10_000;

/** What an operator can put right: told in one line, without a stack. */
class Refused extends Error {}

async function main(command: string): Promise<void> {
  const { url } = loadSlice(DatabaseConfig);
  const lock = await connect(url);
  try {
    // A second instance starting at the same time waits here, then finds nothing left to do.
    const turn = lock.query('select pg_advisory_lock($1)', [migrationLock]);
    await refusing(turn, 'another migration is still running: try again when it has ended');
    const inUse = `a table was in use for ${lockTimeoutMs / 1_000} s: what was not applied yet can be tried again`;
    await refusing(apply(url, command), inUse);
  } finally {
    await lock.end();
  }
}

async function refusing(work: Promise<unknown>, afterLockTimeout: string): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw isLockTimeout(error) ? new Refused(afterLockTimeout) : error;
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: 'minnow-migrate',
    connectionTimeoutMillis: connectTimeoutMs,
    lock_timeout: turnTimeoutMs,
  });
  // A connection that breaks fails the query that waits on it; nobody else has to hear of it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Refused(`PostgreSQL at ${client.host}:${client.port} refuses: ${message || code}`);
  }
}

async function apply(url: string, command: string): Promise<void> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    migrations: [migrationFolders],
    logging: ['error'],
    extra: { lock_timeout: lockTimeoutMs, connectionTimeoutMillis: connectTimeoutMs },
  });
  await dataSource.initialize();
  try {
    if (command === 'revert') {
      await dataSource.undoLastMigration({ transaction: 'each' });
      console.log('reverted the last migration');
      return;
    }
    const done = await dataSource.runMigrations({ transaction: 'each' });
    console.log(
      done.length === 0
        ? 'the database is up to date'
        : `applied: ${done.map(({ name }) => name).join(', ')}`,
    );
  } finally {
    await dataSource.destroy();
  }
}

try {
  const command = process.argv[2] ?? 'run';
  if (command !== 'run' && command !== 'revert')
    throw new Refused(`unknown command '${command}': run or revert`);
  await main(command);
} catch (error) {
  console.error(error instanceof ConfigError || error instanceof Refused ? error.message : error);
  process.exitCode = 1;
}
