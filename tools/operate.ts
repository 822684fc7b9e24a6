/** `npm run dead-letters -- …` and its like: an operator's command of `dist/`, on the database that `db:*` would take. */
import { resolve } from 'node:path';
import { build } from './build.ts';
import { findDatabase } from './launcher/find-database.ts';
import { runScript } from './launcher/run-script.ts';
import { dataDirOf } from './launcher/settings.ts';
import { stopRequest } from './launcher/stop-request.ts';

const ROOT = resolve(import.meta.dirname, '..');

async function main([script = '', ...args]: readonly string[], stop: AbortSignal): Promise<void> {
  const database = await findDatabase(dataDirOf(ROOT, process.env), process.env);
  try {
    stop.throwIfAborted();
    await build(ROOT, stop);
    await runScript({ root: ROOT, databaseUrl: database.url, stop }, `dist/${script}.js`, ...args);
  } finally {
    await database.close();
  }
}

const stop = stopRequest(process.env['npm_lifecycle_event'] !== undefined);
try {
  await main(process.argv.slice(2), stop);
} catch (error) {
  console.error(`\n${stop.aborted ? 'Stopped' : error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = stop.aborted ? 130 : 1;
}
