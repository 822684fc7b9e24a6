// Commands that run the sources without a build read this file, and could not follow an import of ours.
import { randomFillSync } from 'node:crypto';

/**
 * A UUID version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then 74 random bits. Ids of one process sort
 * roughly by time, so B-tree inserts stay at the right edge of the index. Unguessable enough for row ids,
 * never used as a secret.
 */
export function newId(nowMs: number = Date.now()): string {
  const time = timeText(nowMs);
  const random = randomHex(19);
  const variant = '89ab'[parseInt(random[3]!, 16) & 3]!;
  return `${time}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7)}`;
}

let spelledMs = -1;
let spelled = '';

/** The first 48 bits. Many ids are of one millisecond. */
function timeText(nowMs: number): string {
  if (nowMs !== spelledMs) {
    const hex = nowMs.toString(16).padStart(12, '0');
    spelled = `${hex.slice(0, 8)}-${hex.slice(8)}`;
    spelledMs = nowMs;
  }
  return spelled;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isId(value: string): boolean {
  return uuidPattern.test(value);
}

const pool = Buffer.allocUnsafe(4_096);
let digits = '';

/**
 * Random hexadecimal digits of a pool, each given out once: asking the system for those of one id costs ten times as
 * much. At most 8192 at a time.
 */
export function randomHex(count: number): string {
  if (count > digits.length) digits = randomFillSync(pool).toString('hex');
  const taken = digits.slice(0, count);
  digits = digits.slice(count);
  return taken;
}
