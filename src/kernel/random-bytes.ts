import { randomFillSync } from 'node:crypto';

const pool = Buffer.allocUnsafe(4_096);
let usedBytes = pool.length;

/**
 * Random bytes of a pool, each given out once: asking the system for sixteen of them costs ten times as much. They are
 * the caller's, to change as well, until its next await: a pool that is used up is filled anew. At most 4096 at a time.
 */
export function randomBytes(count: number): Buffer {
  if (usedBytes + count > pool.length) {
    randomFillSync(pool);
    usedBytes = 0;
  }
  usedBytes += count;
  return pool.subarray(usedBytes - count, usedBytes);
}
