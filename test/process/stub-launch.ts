/** The real launcher on another root: `node stub-launch.ts <root>`. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runLauncher } from '../../tools/launcher/launch.ts';

await runLauncher(pathToFileURL(resolve(process.argv[2] ?? '.')), process.env);
