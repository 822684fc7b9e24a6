import { createDecipheriv } from 'node:crypto';
import { z } from 'zod';

const tagBytes = 16;

/** How WeChat Pay encrypts notices and platform certificates. */
export const sealedSchema = z.object({
  algorithm: z.string(),
  nonce: z.string(),
  associated_data: z.string().optional(),
  ciphertext: z.string(),
});

export type Sealed = z.output<typeof sealedSchema>;

export const sealAlgorithm = 'AEAD_AES_256_GCM';

/**
 * Opens AEAD_AES_256_GCM (RFC 5116): 32-byte key as text, 12-byte nonce, the last 16 bytes are the tag.
 * @throws Error when the key, the nonce, the associated data or a single bit of the ciphertext is not the sealed one.
 */
export function openSealed(apiV3Key: string, sealed: Sealed): Buffer {
  const bytes = Buffer.from(sealed.ciphertext, 'base64');
  const nonce = Buffer.from(sealed.nonce);
  if (sealed.algorithm !== sealAlgorithm) throw new Error('unknown algorithm');
  if (nonce.length !== 12 || bytes.length < tagBytes) throw new Error('not sealed by AES-256-GCM');
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(apiV3Key), nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(sealed.associated_data ?? ''));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]);
}
