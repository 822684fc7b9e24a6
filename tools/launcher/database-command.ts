/** What the commands on a database share: finding it, being stopped, and saying why they failed. */
import { findDatabase } from './find-database.ts';
import { ScriptEnded } from './run-script.ts';
import { dataDirOf } from './settings.ts';
import { stopRequest } from './stop-request.ts';

export type DatabaseWork = (databaseUrl: string, stop: AbortSignal) => Promise<void>;

/**
 * Runs the work on DATABASE_URL, or on the local shop's database, running or not; exit code 130 when it was stopped, a script's own when that failed.
 * `choose` comes first: nobody who has mistyped a command waits for PostgreSQL to start.
 */
export async function onDatabase(root: string, choose: () => DatabaseWork): Promise<void> {
  const stop = stopRequest(process.env['npm_lifecycle_event'] !== undefined);
  try {
    const work = choose();
    const database = await findDatabase(dataDirOf(root, process.env), process.env);
    try {
      stop.throwIfAborted();
      await work(database.url, stop);
    } finally {
      await database.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`\n${stop.aborted ? 'Stopped' : reason}\n`);
    process.exitCode = stop.aborted ? 130 : error instanceof ScriptEnded ? error.exitCode : 1;
  }
}
