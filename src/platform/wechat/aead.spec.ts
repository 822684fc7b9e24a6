import { describe, expect, it } from 'vitest';
import { openSealed, type Sealed } from './aead.js';

const algorithm = 'AEAD_AES_256_GCM';
const key = '0123456789abcdef0123456789abcdef';
const sealed: Sealed = {
  algorithm,
  nonce: 'abcdefghijkl',
  associated_data: 'transaction',
  ciphertext: 'Eu6myr+6GaECeJdOZPZ6BX5l/kztsF9rL5wSvqYur44Jl9OITyCXgXBYw/VN0MKOzXfB5D8v4ViUFWklmJnM3CX+hA==',
};

describe('AEAD_AES_256_GCM', () => {
  it('opens the vector recomputed from two implementations', () => {
    expect(openSealed(key, sealed).toString()).toBe('{"out_trade_no":"TEST0001","trade_state":"SUCCESS"}');
  });

  it('opens the vector of the official Java SDK', () => {
    const vector: Sealed = {
      algorithm,
      nonce: 'uluk4a9R25RW',
      associated_data: 'associatedData',
      ciphertext: 'ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=',
    };
    expect(openSealed('a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb', vector).toString()).toBe('message');
  });

  const flipped = Buffer.from(sealed.ciphertext, 'base64');
  flipped[3]! ^= 1;

  it.each<[string, string, Sealed]>([
    ['a flipped bit', key, { ...sealed, ciphertext: flipped.toString('base64') }],
    ['other associated data', key, { ...sealed, associated_data: 'refund' }],
    ['missing associated data', key, { ...sealed, associated_data: undefined }],
    ['another nonce', key, { ...sealed, nonce: 'abcdefghijkm' }],
    ['a nonce of another length', key, { ...sealed, nonce: 'abcdefgh' }],
    ['another key', key.replace('0', '1'), sealed],
    ['less than a tag', key, { ...sealed, ciphertext: 'AAAA' }],
    ['a shortened tag', key, { ...sealed, ciphertext: sealed.ciphertext.slice(0, -8) }],
    ['another algorithm', key, { ...sealed, algorithm: 'AEAD_SM4_128_GCM' }],
  ])('refuses %s', (_, usedKey, message) => {
    expect(() => openSealed(usedKey, message)).toThrow();
  });
});
