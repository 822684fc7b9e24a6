/** A root directory whose app is a stub, and eyes on the process table. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../tools/embedded/ports.ts';
import { commandOf, identityOf, workingDirectoryOf } from '../../tools/embedded/processes.ts';

export const REPOSITORY = resolve(import.meta.dirname, '../..');

export function temporaryDirectory(parent = tmpdir()): string {
  return mkdtempSync(join(parent, 'minnow-test-'));
}

/** Processes whose command line or working directory lies in `directory`. Linux only. */
export function processesOf(directory: string): string[] {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids
    .filter(pid => identityOf(Number(pid)) !== undefined)
    .filter(
      pid =>
        commandOf(Number(pid)).includes(directory) || workingDirectoryOf(Number(pid)).startsWith(directory),
    )
    .map(pid => `${pid} ${commandOf(Number(pid))}`);
}

export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  what: string,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(25);
  }
}

export const APP = `
import { createServer } from 'node:http';
console.log(JSON.stringify({ level: 'warn', msg: 'stub says hello', database: process.env.DATABASE_URL }));
const server = createServer((request, answer) => {
  if (request.url === '/die') { console.error('stub is dying'); process.exit(3); }
  if (request.url === '/hang') { process.removeAllListeners('SIGTERM'); process.on('SIGTERM', () => {}); }
  answer.end(JSON.stringify(process.env));
}).listen(Number(process.env.PORT), process.env.HOST);
process.on('SIGTERM', () => { server.close(); server.closeAllConnections(); });
`;
const SANDBOX = `
const timer = setInterval(() => {}, 1000);
process.on('SIGTERM', () => clearInterval(timer));
console.log(JSON.stringify({ url: 'http://127.0.0.1:1', env: { WECHAT_APP_ID: 'wx-stub' } }));
`;
const NOTE = (word: string): string =>
  `import { appendFileSync } from 'node:fs'; appendFileSync(process.env.MINNOW_DATA_DIR + '/steps', '${word} ');`;

const SLICES = `export const configSlices = [];`;
const LOAD = `export const loadConfig = (slices, env) => { if (env.BAD) throw new Error('BAD: is bad'); };`;

export interface StubShop {
  readonly root: string;
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly url: string;
}

export async function stubShop(): Promise<StubShop> {
  const root = temporaryDirectory();
  const files = {
    'package.json': JSON.stringify({ type: 'module', scripts: { start: `exec node "$LAUNCH" .` } }),
    'dist/main.js': APP,
    'dist/app.config.js': SLICES,
    'dist/platform/config/load-config.js': LOAD,
    'dist/platform/database/migrate.js': NOTE('migrated'),
    'tools/seed/main.ts': NOTE('seeded'),
    'tools/wechat-sandbox/main.ts': SANDBOX,
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  const [port, management, sandbox] = [await freePort(), await freePort(), await freePort()];
  const dataDir = join(root, '.minnow');
  const env = {
    PATH: `${dirname(process.execPath)}:${join(REPOSITORY, 'node_modules/.bin')}:${process.env['PATH']}`,
    HOME: root,
    LAUNCH: join(import.meta.dirname, 'stub-launch.ts'),
    MINNOW_DATA_DIR: dataDir,
    PORT: String(port),
    MANAGEMENT_PORT: String(management),
    SANDBOX_PORT: String(sandbox),
  };
  return { root, dataDir, env, url: `http://127.0.0.1:${port}` };
}

/** One whose app is compiled from `src/`, as the real one is. */
export async function stubSources(): Promise<StubShop> {
  const shop = await stubShop();
  rmSync(join(shop.root, 'dist'), { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(shop.root, 'node_modules'));
  copyFileSync(join(REPOSITORY, '.swcrc'), join(shop.root, '.swcrc'));
  saveAsEditor(shop, 'src/main.ts', APP);
  saveAsEditor(shop, 'src/app.config.ts', SLICES);
  saveAsEditor(shop, 'src/platform/config/load-config.ts', LOAD);
  saveAsEditor(shop, 'src/platform/database/migrate.ts', NOTE('migrated'));
  return shop;
}

/** Many editors replace the file instead of writing it. */
export function saveAsEditor({ root }: StubShop, name: string, content: string): void {
  const file = join(root, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}~`, content);
  renameSync(`${file}~`, file);
}

/** The real shop on free ports and a data directory of its own. */
export async function realShop(): Promise<StubShop> {
  const place = temporaryDirectory();
  const dataDir = join(place, 'data');
  const [port, management, sandbox] = [await freePort(), await freePort(), await freePort()];
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
    HOME: place,
    LAUNCH: join(import.meta.dirname, 'stub-launch.ts'),
    MINNOW_DATA_DIR: dataDir,
    PORT: String(port),
    MANAGEMENT_PORT: String(management),
    SANDBOX_PORT: String(sandbox),
  };
  return { root: REPOSITORY, dataDir, env, url: `http://127.0.0.1:${port}` };
}

export interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

export function startByNode(shop: StubShop, env: NodeJS.ProcessEnv = {}, flags: readonly string[] = []): Run {
  return runScript(shop, shop.env['LAUNCH'] ?? '', [shop.root, ...flags], env);
}

/** Any command of ours, in the shop's environment. */
export function runScript(
  shop: StubShop,
  script: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Run {
  return start(process.execPath, [script, ...args], { ...shop.env, ...env }, shop.root);
}

export function startByNpm(shop: StubShop): Run {
  return start('npm', ['start'], shop.env, shop.root);
}

/** In a group of its own: a signal to it must not reach the test runner. */
function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Run {
  const child = spawn(command, [...args], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', chunk => (text += String(chunk)));
  child.stderr.on('data', chunk => (text += String(chunk)));
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal);
  return { child, output: () => text, ended };
}

export async function untilReady(run: Run): Promise<void> {
  const ended = (): boolean => run.child.exitCode !== null || run.child.signalCode !== null;
  await until(() => run.output().includes('Minnow is ready') || ended(), 60_000, run.output());
  if (ended()) throw new Error(`the launcher ended\n${run.output()}`);
}

export function launcherPid({ dataDir }: StubShop): number {
  return JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')).launcher.pid;
}

export function runFileExists({ dataDir }: StubShop): boolean {
  return existsSync(join(dataDir, 'run.json'));
}
