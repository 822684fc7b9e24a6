import { setTimeout as pause } from 'node:timers/promises';

const firstPauseMs = 25;
const longestPauseMs = 200;

/**
 * Asks until there is an answer or `withinMs` has passed; at least once. For what another process is about to write.
 * The pauses grow and are jittered: many who wait for one thing must not cost more than the thing.
 */
export async function poll<T>(find: () => Promise<T | null>, withinMs: number): Promise<T | null> {
  const deadline = performance.now() + withinMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    const found = await find();
    if (found !== null || performance.now() > deadline) return found;
    await pause(pauseMs * (0.5 + Math.random()));
  }
}
