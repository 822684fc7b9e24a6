import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/** OWASP's choice for scrypt: 32 MiB and about a quarter of a second. Kept with every hash, so that it can be raised. */
const current = { cost: 2 ** 15, blockSize: 8, parallelization: 3 } as const;
const saltBytes = 16;
const keyBytes = 32;

/** scrypt (RFC 7914) as `scrypt$cost$blockSize$parallelization$salt$key`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  return encode(salt, await derive(password, salt, current));
}

/** As slow for a wrong password as for the right one. @throws Error when `hash` is none of ours */
export async function matchesHash(password: string, hash: string): Promise<boolean> {
  const [scheme, cost, blockSize, parallelization, salt = '', key = ''] = hash.split('$');
  if (scheme !== 'scrypt' || key === '') throw new Error('not a password hash');
  const options = {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
  };
  const derived = await derive(password, Buffer.from(salt, 'base64'), options);
  return timingSafeEqual(derived, Buffer.from(key, 'base64'));
}

/** No password has this one: checking against it makes an unknown name as slow as a known one. */
export const nobodysHash = encode(randomBytes(saltBytes), randomBytes(keyBytes));

function encode(salt: Buffer, key: Buffer): string {
  const { cost, blockSize, parallelization } = current;
  return ['scrypt', cost, blockSize, parallelization, salt.toString('base64'), key.toString('base64')].join(
    '$',
  );
}

/** Keyboards write one letter in several ways; to their owner it is one password (NIST SP 800-63B §5.1.1.2). */
function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  const limits = { ...options, maxmem: 256 * 1_048_576 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, keyBytes, limits, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
