import { setTimeout as pause } from 'node:timers/promises';

const everyMs = 75;

/** Asks until there is an answer or `withinMs` has passed; at least once. For what another process is about to write. */
export async function poll<T>(find: () => Promise<T | null>, withinMs: number): Promise<T | null> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await find();
    if (found !== null || performance.now() > deadline) return found;
    await pause(everyMs);
  }
}
