// Commands that run the sources without a build read this file, and could not follow an import of ours.
import { randomFillSync } from 'node:crypto';

/**
 * A UUID version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then 74 random bits. Ids of one process sort
 * roughly by time, so B-tree inserts stay at the right edge of the index. Unguessable enough for row ids,
 * never used as a secret.
 */
export function newId(nowMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isId(value: string): boolean {
  return uuidPattern.test(value);
}

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
