/** `npm run dead-letters -- …` and its like: an operator's command of `dist/`, on the database that `db:*` would take. */
import { resolve } from 'node:path';
import { build } from './build.ts';
import { onDatabase } from './launcher/database-command.ts';
import { runScript } from './launcher/run-script.ts';

const root = resolve(import.meta.dirname, '..');
const [, , script = '', ...args] = process.argv;

await onDatabase(root, () => async (databaseUrl, stop) => {
  await build(root, stop);
  await runScript({ root, databaseUrl, stop }, `dist/${script}.js`, ...args);
});
