import { DataSource } from 'typeorm';
import { CommandRefused, runCommand, withDatabase, type CommandClient } from './command.js';
import { isLockTimeout } from './database-error.js';
import { migrationClasses } from './migration-files.js';

/** `node dist/platform/database/migrate.js [run|revert]`: the only writer of the schema. */

/** Any number, as long as every version of Minnow uses the same one. */
const migrationLock = 7_041_776;
/** Another instance may well be busy with a long migration; one that hangs for ever is for a person to look at. */
const turnTimeoutMs = 5 * 60_000;
/** While an ALTER waits for its table, every request for that table queues behind it. */
const lockTimeoutMs = 10_000;
const connectTimeoutMs = 10_000;

async function main([command = 'run']: readonly string[]): Promise<void> {
  if (command !== 'run' && command !== 'revert')
    throw new CommandRefused(`unknown command '${command}': run or revert`);
  await withDatabase('minnow-migrate', (lock, url) => inTurn(lock, () => apply(url, command)), {
    lock_timeout: turnTimeoutMs,
  });
}

/** A second instance starting at the same time waits here, then finds nothing left to do. */
async function inTurn(lock: CommandClient, work: () => Promise<void>): Promise<void> {
  const turn = lock.query('select pg_advisory_lock($1)', [migrationLock]);
  await refusing(turn, 'another migration is still running: try again when it has ended');
  const inUse = `a table was in use for ${lockTimeoutMs / 1_000} s: what was not applied yet can be tried again`;
  await refusing(work(), inUse);
}

async function refusing(work: Promise<unknown>, afterLockTimeout: string): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw isLockTimeout(error) ? new CommandRefused(afterLockTimeout) : error;
  }
}

async function apply(url: string, command: string): Promise<void> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    migrations: await migrationClasses(),
    logging: ['error'],
    extra: { lock_timeout: lockTimeoutMs, connectionTimeoutMillis: connectTimeoutMs },
  });
  await dataSource.initialize();
  try {
    if (command === 'revert') return await revert(dataSource);
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

/** TypeORM itself says nothing and does nothing when no migration was applied. */
async function revert(dataSource: DataSource): Promise<void> {
  const [{ table }] = await dataSource.query<[{ table: string | null }]>(
    `select to_regclass('migrations') as table`,
  );
  const applied = table ? await dataSource.query<unknown[]>('select 1 from migrations limit 1') : [];
  if (applied.length === 0) return console.log('there is nothing to revert');
  await dataSource.undoLastMigration({ transaction: 'each' });
  console.log('reverted the last migration');
}

await runCommand(main);
