import { createCipheriv, randomBytes } from 'node:crypto';

export interface SealedResource {
  readonly algorithm: 'AEAD_AES_256_GCM';
  readonly ciphertext: string;
  readonly associated_data: string;
  readonly nonce: string;
}

/**
 * AES-256-GCM as WeChat Pay API v3 sends it: the key is the APIv3 key's text, the nonce 12 ASCII
 * characters, the ciphertext base64 with the 16-byte tag at its end.
 */
export function seal(
  key: string,
  plain: string,
  associatedData: string,
  nonce = randomNonce(),
): SealedResource {
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key), Buffer.from(nonce));
  cipher.setAAD(Buffer.from(associatedData));
  const bytes = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return {
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: bytes.toString('base64'),
    associated_data: associatedData,
    nonce,
  };
}

function randomNonce(): string {
  return randomBytes(6).toString('hex');
}
