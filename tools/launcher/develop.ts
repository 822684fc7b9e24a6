/** `npm run dev`: what follows a change. */
import { build } from '../build.ts';
import { say } from './say.ts';
import type { Shop } from './shop.ts';
import type { SourceWatch } from './source-watch.ts';

/** What it takes to start the app, again and again. */
export interface Start {
  readonly shop: Shop;
  readonly migrate: () => Promise<void>;
  readonly stop: AbortSignal;
}

export interface Development extends Start {
  readonly root: string;
  readonly sources: SourceWatch;
  readonly opened: () => void;
}

/** Rebuilds and restarts the app after each change, for ever. @throws AbortError when asked to stop */
export async function develop({ sources, opened, ...start }: Development): Promise<never> {
  const { stop } = start;
  await attempt(stop, () => startReporting(start));
  opened();
  for (;;) {
    const changed = await sources.next(stop);
    say(`Changed: ${summary(changed)}`);
    await attempt(stop, () => replaceApp(changed, start));
  }
}

/** Shows a failure and goes on: the next change is the cure. */
async function attempt(stop: AbortSignal, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    stop.throwIfAborted();
    waitAfter(error instanceof Error ? error.message : String(error));
  }
}

/** The old app serves until the build and its migrations have succeeded. */
async function replaceApp(
  changed: readonly string[],
  start: Start & Pick<Development, 'root'>,
): Promise<void> {
  const began = performance.now();
  await build(start.root, start.stop);
  if (changed.some(path => path.includes('migrations'))) await start.migrate();
  await start.shop.stop();
  await startReporting(start);
  say(`Restarted in ${Math.round(performance.now() - began)} ms`);
}

/** Nobody waits for an app that crashes between two changes: it says so itself. */
async function startReporting(start: Start): Promise<void> {
  await start.shop.start(start.stop);
  void sayWhenEnded(start);
}

async function sayWhenEnded({ shop, stop }: Start): Promise<void> {
  const reason = await shop.ended();
  if (!stop.aborted) waitAfter(reason);
}

function waitAfter(problem: string): void {
  say(`${problem}\n\n  Waiting for the next change`);
}

function summary([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
