/** Compiles src/ to dist/ when something changed. `node tools/build.ts` does it by hand. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The built tree is swapped in whole: files of deleted sources go, and a shop running from it is not disturbed. */
export async function build(root: string, signal?: AbortSignal): Promise<void> {
  const compiler = join(root, 'node_modules/@swc/cli/bin/swc.js');
  const dist = join(root, 'dist');
  // A container image holds dist/ and no compiler.
  if (!existsSync(compiler)) return requireBuilt(dist);
  const fingerprint = fingerprintOf(root);
  if (readOrEmpty(join(dist, '.sources')) === fingerprint) return;
  const draft = join(root, `dist.new-${process.pid}`);
  try {
    await compile(compiler, root, draft, signal);
    writeFileSync(join(draft, '.sources'), fingerprint);
    swap(draft, dist);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function requireBuilt(dist: string): void {
  if (existsSync(join(dist, 'main.js'))) return;
  throw new Error(
    'dist/main.js is not built and the compiler is not installed: run npm ci, then npm run build',
  );
}

async function compile(compiler: string, root: string, draft: string, signal?: AbortSignal): Promise<void> {
  const args = [compiler, 'src', '--out-dir', draft, '--strip-leading-paths', '--quiet'];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], signal });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error('the build failed: see above');
}

/** By content: a copy into a container image, or a checkout, changes the times of files and nothing else. */
function fingerprintOf(root: string): string {
  const hash = createHash('sha256');
  const files = globSync(['src/**/*.ts', '.swcrc', 'node_modules/@swc/core/package.json'], { cwd: root });
  for (const file of files.sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function swap(draft: string, dist: string): void {
  const old = `${draft}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(draft, dist);
  rmSync(old, { recursive: true, force: true });
}

function readOrEmpty(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

if (process.argv[1] === import.meta.filename) await build(resolve(import.meta.dirname, '..'));
