import type { ConfigSliceClass } from './config-slice.js';
import { ConfigError, loadConfig, type LoadedConfig } from './load-config.js';

/** For entries: exits 1 with one message that names every bad variable; with `--check-config` that is all it does. */
export function loadConfigOrExit(slices: readonly ConfigSliceClass[]): LoadedConfig {
  try {
    const config = loadConfig(slices);
    if (!process.argv.includes('--check-config')) return config;
    console.log('The configuration is complete.');
    process.exit(0);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
