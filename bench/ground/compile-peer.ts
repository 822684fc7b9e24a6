import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Decorators need a compiler: the one of the shop, with its settings. Returns the entry. */
export async function compilePeer(root: string, name: string, directory: string): Promise<string> {
  const compiler = join(root, 'node_modules/@swc/cli/bin/swc.js');
  const source = `bench/peers/${name}`;
  await run(process.execPath, [compiler, source, '--out-dir', directory, '--quiet'], { cwd: root });
  return join(directory, source, 'main.js');
}
