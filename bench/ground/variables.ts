import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as AppConfig from '../../src/app.config.ts';
import type * as ConfigSlice from '../../src/platform/config/config-slice.ts';

/** What the built shop can be told by its environment: a measure that it does not know cannot be measured. */
export async function readVariables(root: string): Promise<ReadonlySet<string>> {
  const { configSlices } = await load<typeof AppConfig>(root, 'app.config.js');
  const { fieldMeta } = await load<typeof ConfigSlice>(root, 'platform/config/config-slice.js');
  const names = configSlices.flatMap(slice =>
    Object.keys(slice.shape).map(field => fieldMeta(slice, field).env),
  );
  return new Set(names);
}

async function load<Module>(root: string, path: string): Promise<Module> {
  return (await import(pathToFileURL(join(root, 'dist', path)).href)) as Module;
}
