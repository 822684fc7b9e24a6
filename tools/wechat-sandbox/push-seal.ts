import { createCipheriv, createHash, randomBytes, randomInt } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const BLOCK_BYTES = 32;

/** As the console makes them: 43 letters and digits, which with a `=` behind them are 32 bytes of base64. */
export function newEncodingAesKey(): string {
  return Array.from({ length: 43 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** Lower-case hex SHA-1 of the parts in bytewise order. */
export function signPush(...parts: readonly string[]): string {
  const sorted = parts.map(part => Buffer.from(part)).sort((a, b) => a.compare(b));
  return createHash('sha1').update(Buffer.concat(sorted)).digest('hex');
}

export interface PushSeal {
  readonly encodingAesKey: string;
  readonly appId: string;
  /** 16 characters. */
  readonly random?: string;
}

/** AES-256-CBC over random, length, message and app id, padded to whole blocks of 32 bytes. */
export function sealPush(
  message: string,
  { encodingAesKey, appId, random = randomBytes(8).toString('hex') }: PushSeal,
): string {
  const key = Buffer.from(`${encodingAesKey}=`, 'base64');
  const bytes = Buffer.from(message);
  const length = Buffer.from([24, 16, 8, 0].map(shift => (bytes.length >>> shift) & 0xff));
  const full = Buffer.concat([Buffer.from(random), length, bytes, Buffer.from(appId)]);
  const missing = BLOCK_BYTES - (full.length % BLOCK_BYTES);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return cipher.update(Buffer.concat([full, Buffer.alloc(missing, missing)])).toString('base64');
}
