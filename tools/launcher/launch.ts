/** `npm start`: brings up whatever the shop needs on this machine, then the shop, and takes all of it down again. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../build.ts';
import { startStack, type Stack } from '../embedded/stack.ts';
import { logFileOf, runStep, startApp, untilAnswering } from './app.ts';
import { banner } from './banner.ts';
import { followLog } from './follow-log.ts';
import { claimRun, type Claim } from './run-file.ts';
import {
  appEnvironment,
  readSettings,
  requireFreePorts,
  type Environment,
  type Settings,
} from './settings.ts';
import { aborted, stopRequest } from './stop-request.ts';

/** The whole shutdown stays under the five seconds that people and supervisors grant. */
const APP_STOP_MS = 2500;
const SERVICES_STOP_MS = 1200;
const HARD_STOP_MS = 4700;

/** Never returns: exits 0 after a request to stop, 1 with one clear message otherwise. */
export async function runLauncher(root: URL, env: Environment): Promise<never> {
  const stop = stopRequest(env['npm_lifecycle_event'] !== undefined);
  try {
    process.exit(await launch(fileURLToPath(root), env, stop));
  } catch (error) {
    if (stop.aborted) process.exit(0);
    console.error(`\n${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

async function launch(root: string, env: Environment, stop: AbortSignal): Promise<number> {
  if (env['NODE_ENV'] === 'production') return runProduction(root, stop);
  const settings = readSettings(root, env);
  const claim = await claimRun(settings.dataDir);
  stop.addEventListener('abort', () => leaveInTime(claim), { once: true });
  try {
    await requireFreePorts(settings);
    return await serve(settings, claim, stop);
  } finally {
    claim.release();
  }
}

/** Embeds nothing: every missing variable is the app's own error. The app takes this process over: no middleman. */
async function runProduction(root: string, stop: AbortSignal): Promise<never> {
  await build(root, stop);
  process.chdir(root);
  if (!process.execve) throw new Error('this platform cannot replace a process: run node dist/main.js');
  return process.execve(process.execPath, [process.execPath, join(root, 'dist/main.js')], process.env);
}

async function serve(settings: Settings, claim: Claim, stop: AbortSignal): Promise<number> {
  const undo: (() => Promise<void>)[] = [];
  try {
    say('Building');
    await build(settings.root, stop);
    stop.throwIfAborted();
    if (settings.services.length > 0) say(`Starting ${settings.services.join(', ')}`);
    const stack = await startServices(settings, claim);
    undo.push(() => stack.stop(SERVICES_STOP_MS));
    return await runShop(settings, stack, claim, stop, undo);
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

async function runShop(
  settings: Settings,
  stack: Stack,
  claim: Claim,
  stop: AbortSignal,
  undo: (() => Promise<void>)[],
): Promise<number> {
  const env = appEnvironment(settings, stack.env);
  say('Migrating and seeding');
  await runStep(settings, { name: 'migrate', script: 'dist/platform/database/migrate.js' }, env, claim, stop);
  await runStep(settings, { name: 'seed', script: 'tools/seed/main.ts' }, env, claim, stop);
  const app = await startApp(settings, env, claim);
  undo.push(() => app.stop(APP_STOP_MS));
  const stopShowing = followLog(logFileOf(settings.dataDir), line => say(line));
  undo.push(() => Promise.resolve(stopShowing()));
  const asked = aborted(stop);
  await Promise.race([untilAnswering(settings, app), asked]);
  stop.throwIfAborted();
  console.log(banner(settings, stack.sandboxUrl));
  const reason = await Promise.race([asked, app.exited, stack.exited]);
  if (stop.aborted) return 0;
  throw new Error(`${reason}\n${app.logTail()}`);
}

/** Last resort when something hangs: no child stays, and neither do we. */
function leaveInTime(claim: Claim): void {
  setTimeout(() => {
    claim.killAll();
    claim.release();
    process.exit(0);
  }, HARD_STOP_MS).unref();
}

function say(text: string): void {
  console.log(`  ${text}`);
}
