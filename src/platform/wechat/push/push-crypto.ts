import { createDecipheriv, createHash, timingSafeEqual } from 'node:crypto';

/** How WeChat signs and encrypts what it pushes. The scheme is WeChat's; everything here is pure. */
const blockBytes = 32;
const randomBytes = 16;
const headBytes = randomBytes + 4;

/**
 * Hexadecimal SHA-1 over the parts, sorted bytewise and written together. Nothing marks where a part ends, so digits
 * can move between time and nonce: the time window bounds replays, it does not exclude them.
 */
export function pushSignature(...parts: readonly string[]): string {
  return createHash('sha1')
    .update([...parts].sort().join(''))
    .digest('hex');
}

/** Takes as long for a nearly right signature as for a wrong one. */
export function isSameSignature(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

export interface OpenedPush {
  readonly message: Buffer;
  /** Whom it is for: the caller has to compare it. */
  readonly appId: string;
}

/**
 * Decrypts AES-256-CBC under an EncodingAESKey of 43 characters: random(16), big-endian length(4), message, app id.
 * CBC notices no change by itself: verify the signature first, and answer every failure alike.
 * @throws Error when it was not encrypted like this.
 */
export function openPush(encodingAesKey: string, encrypted: string): OpenedPush {
  const key = Buffer.from(`${encodingAesKey}=`, 'base64');
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const bytes = Buffer.concat([decipher.update(encrypted, 'base64'), decipher.final()]);
  const plain = withoutPadding(bytes);
  if (plain.length < headBytes) throw new Error('shorter than its head');
  const end = headBytes + plain.readUInt32BE(randomBytes);
  if (end > plain.length) throw new Error('shorter than it says');
  return { message: plain.subarray(headBytes, end), appId: plain.toString('utf8', end) };
}

/** PKCS#7 with blocks of 32 bytes, where AES has 16: OpenSSL would refuse half of all messages. */
function withoutPadding(bytes: Buffer): Buffer {
  const count = bytes.at(-1) ?? 0;
  const padding = bytes.subarray(-count);
  const isWhole = bytes.length % blockBytes === 0 && count >= 1 && count <= blockBytes;
  if (!isWhole || !padding.every(byte => byte === count)) throw new Error('not padded');
  return bytes.subarray(0, -count);
}
