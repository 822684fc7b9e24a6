/** What the app would refuse at its start, told before a database is migrated and seeded for nothing. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @throws Error that names every bad variable */
export async function requireConfiguration(root: string, env: NodeJS.ProcessEnv): Promise<void> {
  const load = (file: string) => import(pathToFileURL(join(root, 'dist', file)).href);
  const [{ configSlices }, { loadConfig }] = await Promise.all([
    load('app.config.js'),
    load('platform/config/load-config.js'),
  ]);
  loadConfig(configSlices, env);
}
