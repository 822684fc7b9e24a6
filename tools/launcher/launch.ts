/** `npm start`: brings up whatever the shop needs on this machine, then the shop, and takes all of it down again. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../build.ts';
import { startStack, type Stack } from '../embedded/stack.ts';
import { runStep } from './app.ts';
import { banner } from './banner.ts';
import { develop, type Start } from './develop.ts';
import { claimRun, type Claim } from './run-file.ts';
import { requireConfiguration } from './require-configuration.ts';
import { say } from './say.ts';
import {
  appEnvironment,
  readSettings,
  requireFreePorts,
  type Environment,
  type Settings,
} from './settings.ts';
import { Shop } from './shop.ts';
import { watchSources, type SourceWatch } from './source-watch.ts';
import { aborted, stopRequest } from './stop-request.ts';

const SERVICES_STOP_MS = 1200;
const HARD_STOP_MS = 4700;

export interface LaunchOptions {
  /** Rebuild and restart the app when a source changes. */
  readonly watch?: boolean;
  /** For the app itself, in production; a launcher that brings things along takes none. */
  readonly args?: readonly string[];
}

/** Never returns: exits 0 after a request to stop, 1 with one clear message otherwise. */
export async function runLauncher(root: URL, env: Environment, options: LaunchOptions = {}): Promise<never> {
  const stop = stopRequest(env['npm_lifecycle_event'] !== undefined);
  try {
    process.exit(await launch(fileURLToPath(root), env, stop, options));
  } catch (error) {
    if (stop.aborted) process.exit(0);
    console.error(`\n${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

async function launch(
  root: string,
  env: Environment,
  stop: AbortSignal,
  options: LaunchOptions,
): Promise<number> {
  const { args = [] } = options;
  if (env['NODE_ENV'] === 'production') return runProduction(root, args, stop);
  if (args.length > 0)
    throw new Error(`unknown argument ${args[0]}: npm start takes none, except with NODE_ENV=production`);
  const settings = readSettings(root, env);
  const claim = await claimRun(settings.dataDir);
  stop.addEventListener('abort', () => leaveInTime(claim), { once: true });
  try {
    await requireFreePorts(settings);
    return await serve({ settings, claim, stop, sources: options.watch ? watchSources(root) : undefined });
  } finally {
    claim.release();
  }
}

/** Embeds nothing: every missing variable is the app's own error. The app takes this process over: no middleman. */
async function runProduction(root: string, args: readonly string[], stop: AbortSignal): Promise<never> {
  await build(root, stop);
  process.chdir(root);
  if (!process.execve) throw new Error('this platform cannot replace a process: run node dist/main.js');
  return process.execve(
    process.execPath,
    [process.execPath, join(root, 'dist/main.js'), ...args],
    process.env,
  );
}

interface Run {
  readonly settings: Settings;
  readonly claim: Claim;
  readonly stop: AbortSignal;
  /** Only while developing. */
  readonly sources: SourceWatch | undefined;
}

type Undo = (() => Promise<void>)[];

async function serve(run: Run): Promise<number> {
  const { settings, claim, stop } = run;
  const undo: Undo = [];
  try {
    say('Building');
    await build(settings.root, stop);
    stop.throwIfAborted();
    if (settings.services.length > 0) say(`Starting ${settings.services.join(', ')}`);
    const stack = await startServices(settings, claim);
    undo.push(() => stack.stop(SERVICES_STOP_MS));
    return await runShop(run, stack, undo);
  } finally {
    claim.stopping();
    if (stop.aborted) say('Stopping');
    for (const end of undo.reverse()) await end();
  }
}

async function startServices(settings: Settings, claim: Claim): Promise<Stack> {
  const { services, dataDir, sandboxPort, root } = settings;
  const sandboxMain = join(root, 'tools/wechat-sandbox/main.ts');
  return startStack({ services, dataDir, sandboxPort, sandboxMain, watch: claim });
}

async function runShop(run: Run, stack: Stack, undo: Undo): Promise<number> {
  const { settings, claim, stop } = run;
  const env = appEnvironment(settings, stack.env);
  await requireConfiguration(settings.root, env);
  const step = (name: string, script: string): Promise<void> =>
    runStep(settings, { name, script }, env, claim, stop);
  const migrate = (): Promise<void> => step('migrate', 'dist/platform/database/migrate.js');
  say('Migrating and seeding');
  await migrate();
  await step('seed', 'tools/seed/main.ts');
  claim.serves(env['DATABASE_URL']);
  const shop = new Shop(settings, env, claim);
  undo.push(() => shop.stop());
  const over = new AbortController();
  const life = live(run, { shop, migrate, stop: AbortSignal.any([stop, over.signal]) }, stack.sandboxUrl);
  // It may be starting the app right now: what it starts must be there to be stopped.
  undo.push(async () => {
    over.abort();
    await life.catch(() => undefined);
  });
  const reason = await Promise.race([life, aborted(stop), stack.exited]);
  if (stop.aborted) return 0;
  throw new Error(String(reason));
}

/** From the app's start to the reason why it is over. Settles soon after a request to stop. */
async function live(
  { settings, sources }: Run,
  start: Start,
  sandboxUrl: string | undefined,
): Promise<string> {
  const { shop, stop } = start;
  const opened = (): void => console.log(banner(settings, sandboxUrl, sources !== undefined));
  if (sources) return develop({ root: settings.root, sources, opened, ...start });
  await shop.start(stop);
  opened();
  return Promise.race([shop.ended(), aborted(stop).then(() => 'asked to stop')]);
}

/** Last resort when something hangs: no child stays, and neither do we. */
function leaveInTime(claim: Claim): void {
  setTimeout(() => {
    claim.killAll();
    claim.release();
    process.exit(0);
  }, HARD_STOP_MS).unref();
}
