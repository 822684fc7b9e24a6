/** The real launcher on another root: `node stub-launch.ts <root> [--watch]`. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runLauncher } from '../../tools/launcher/launch.ts';

const [, , root = '.', mode] = process.argv;
await runLauncher(pathToFileURL(resolve(root)), process.env, { watch: mode === '--watch' });
