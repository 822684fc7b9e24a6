/** Milliseconds since the epoch. */
export type Clock = () => number;

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** RFC 3339 in China Standard Time without fraction, the only form WeChat Pay writes. */
export function chinaTime(ms: number): string {
  return `${new Date(ms + 8 * HOUR_MS).toISOString().slice(0, 19)}+08:00`;
}

export function epochSeconds(ms: number): number {
  return Math.floor(ms / SECOND_MS);
}
