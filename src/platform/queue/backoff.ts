export const jitteredBackoff = 'jittered';

const longestMs = 5 * 60_000;

/**
 * Doubles with every failure, up to five minutes, and draws the upper half of the pause by lot: jobs that failed
 * together (a dependency went away) do not come back together.
 */
export function backoffMs(failures: number, baseMs: number, random: () => number = Math.random): number {
  const pauseMs = Math.min(longestMs, baseMs * 2 ** (failures - 1));
  return Math.round(pauseMs * (0.5 + random() / 2));
}
