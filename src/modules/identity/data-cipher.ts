import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuthConfig } from './auth.config.js';

const nonceBytes = 12;
const tagBytes = 16;

/**
 * Encryption at rest: AES-256-GCM with random nonces, and keyed hashes where equality must be looked up. Keys come
 * from `auth.dataKey` by HKDF (RFC 5869), one for each purpose. Random nonces are safe for 2^32 values of one key.
 */
@Injectable()
export class DataCipher {
  private readonly sealKey: KeyObject;
  private readonly indexKey: KeyObject;

  constructor({ dataKey }: AuthConfig) {
    this.sealKey = derive(dataKey, 'minnow identity seal');
    this.indexKey = derive(dataKey, 'minnow identity blind index');
  }

  /** `context` names the place of the value, so that a ciphertext moved to another row or column does not open. */
  seal(plain: string, context: string): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.sealKey, nonce).setAAD(Buffer.from(context));
    return Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws Error when the key, the context or a single bit is not the sealed one. */
  open(sealed: Buffer, context: string): string {
    const nonce = sealed.subarray(0, nonceBytes);
    const decipher = createDecipheriv('aes-256-gcm', this.sealKey, nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-tagBytes));
    const plain = decipher.update(sealed.subarray(nonceBytes, -tagBytes));
    return Buffer.concat([plain, decipher.final()]).toString('utf8');
  }

  /** The same for equal values, and of no use without the key: a plain hash of a phone number is guessed in minutes. */
  blindIndex(value: string): Buffer {
    return createHmac('sha256', this.indexKey).update(value).digest();
  }
}

/** As an object, because bytes cost three times as much at every use: Node makes sure each time what they are. */
function derive(secret: string, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)));
}
