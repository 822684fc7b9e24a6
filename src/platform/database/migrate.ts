import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { ConfigError, loadSlice } from '../config/load-config.js';
import { migrationFolders } from './data-source.js';
import { DatabaseConfig } from './database.config.js';

/** `node dist/platform/database/migrate.js [run|revert]`: the only writer of the schema. */

/** Any number, as long as every version of Minnow uses the same one. */
const migrationLock = 7_041_776;

async function main(command: string): Promise<void> {
  const { url } = loadSlice(DatabaseConfig);
  const lock = new Client({ connectionString: url, application_name: 'minnow-migrate' });
  await lock.connect();
  try {
    // A second instance starting at the same time waits here, then finds nothing left to do.
    await lock.query('select pg_advisory_lock($1)', [migrationLock]);
    await apply(url, command);
  } finally {
    await lock.end();
  }
}

async function apply(url: string, command: string): Promise<void> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    migrations: [migrationFolders],
    logging: ['error'],
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
    throw new Error(`unknown command '${command}': run or revert`);
  await main(command);
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
}
