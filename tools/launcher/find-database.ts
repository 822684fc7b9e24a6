/** The database that commands work on: the given one, the running shop's, or PostgreSQL started for the moment. */
import { join } from 'node:path';
import { startPostgres } from '../embedded/postgres.ts';
import { claimRun, findRunningShop } from './run-file.ts';
import { say } from './say.ts';
import { givenDatabaseUrl, type Environment } from './settings.ts';

export interface Database {
  readonly url: string;
  /** Ends what was started for the command. */
  close(): Promise<void>;
}

/** @throws Error that says what to set or to wait for. */
export async function findDatabase(dataDir: string, env: Environment): Promise<Database> {
  const given = givenDatabaseUrl(env);
  if (given) return borrowed(given);
  if (env['NODE_ENV'] === 'production') {
    throw new Error('DATABASE_URL is not set: with NODE_ENV=production no database is brought along');
  }
  const shop = findRunningShop(dataDir);
  if (!shop) return startForNow(dataDir);
  if (shop.databaseUrl) return borrowed(shop.databaseUrl);
  throw new Error(`Minnow is starting or stopping on ${dataDir} (pid ${shop.pid}): try again in a moment`);
}

function borrowed(url: string): Database {
  return { url, close: () => Promise.resolve() };
}

/** Claims the data directory: a shop that started meanwhile would end our PostgreSQL as somebody's leftover. */
async function startForNow(dataDir: string): Promise<Database> {
  const claim = await claimRun(dataDir);
  try {
    say(`Starting PostgreSQL in ${dataDir}`);
    const postgres = await startPostgres({ dataDir: join(dataDir, 'postgres'), watch: claim });
    const close = async (): Promise<void> => {
      claim.stopping();
      await postgres.stop();
      claim.release();
    };
    return { url: postgres.url, close };
  } catch (error) {
    claim.release();
    throw error;
  }
}
