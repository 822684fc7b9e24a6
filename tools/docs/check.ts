/** Every generated document that is committed must be what the code says. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const generators = ['openapi.ts', 'configuration.ts', 'errors.ts', 'benchmarks.ts'];

for (const name of generators) {
  const file = join(import.meta.dirname, name);
  await run(process.execPath, [file, '--check']).catch((error: { stdout?: string; stderr?: string }) => {
    console.error(`${error.stdout ?? ''}${error.stderr ?? ''}`.trim());
    process.exitCode = 1;
  });
}
