import { describe, expect, it } from 'vitest';
import { DataCipher } from './data-cipher.js';
import { authConfig } from './identity.fixture.js';

const key = 'k3Zq8Rv1xN7tY5wB9mC2dF4gH6jL0pSuAa';
const cipher = new DataCipher(authConfig({ AUTH_DATA_KEY: key }));
const other = new DataCipher(authConfig());

describe('data cipher', () => {
  it('opens what it sealed, also after a restart', () => {
    const sealed = cipher.seal('会话密钥', 'session_key wx1 o1');
    expect(new DataCipher(authConfig({ AUTH_DATA_KEY: key })).open(sealed, 'session_key wx1 o1')).toBe(
      '会话密钥',
    );
  });

  it('never seals to the same bytes twice, and never in the clear', () => {
    const [first, second] = [cipher.seal('secret', 'c'), cipher.seal('secret', 'c')];
    expect(first.equals(second)).toBe(false);
    expect(first.includes('secret')).toBe(false);
  });

  it('does not open a value moved to another place', () => {
    expect(() => cipher.open(cipher.seal('secret', 'phone user-1'), 'phone user-2')).toThrow();
  });

  it('does not open with another key', () => {
    expect(() => other.open(cipher.seal('secret', 'c'), 'c')).toThrow();
  });

  it('notices a single changed bit, wherever it is', () => {
    const sealed = cipher.seal('secret', 'c');
    for (let at = 0; at < sealed.length; at++) {
      const forged = Buffer.from(sealed);
      forged[at]! ^= 1;
      expect(() => cipher.open(forged, 'c')).toThrow();
    }
  });

  it('does not open a truncated value', () => {
    const sealed = cipher.seal('secret', 'c');
    for (const length of [0, 11, 12, 27])
      expect(() => cipher.open(sealed.subarray(0, length), 'c')).toThrow();
  });

  it('finds equal values by their index, but only with the key', () => {
    const phone = '+86 13800138000';
    expect(cipher.blindIndex(phone).equals(cipher.blindIndex(phone))).toBe(true);
    expect(cipher.blindIndex(phone).equals(other.blindIndex(phone))).toBe(false);
  });
});
