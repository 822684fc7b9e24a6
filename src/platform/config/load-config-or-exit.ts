import type { ConfigSliceClass } from './config-slice.js';
import { ConfigError, loadConfig, type LoadedConfig } from './load-config.js';

const checkOnly = '--check-config';

/** For entries: exits 1 with one message that names every bad variable; with `--check-config` that is all it does. */
export function loadConfigOrExit(slices: readonly ConfigSliceClass[]): LoadedConfig {
  const unknown = process.argv.slice(2).find(arg => arg !== checkOnly);
  if (unknown !== undefined) {
    console.error(`unknown argument ${unknown}: there is only ${checkOnly}`);
    process.exit(1);
  }
  try {
    const config = loadConfig(slices);
    if (!process.argv.includes(checkOnly)) return config;
    console.log('The configuration is complete.');
    process.exit(0);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
