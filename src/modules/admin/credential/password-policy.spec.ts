import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PasswordWeak } from '../admin.errors.js';
import { assertStrong } from './password-policy.js';

const reasonOf = (password: string): string | null => {
  try {
    assertStrong(password, 'lihua');
    return null;
  } catch (error) {
    return (error as PasswordWeak).details.reason;
  }
};

describe('a password', () => {
  it.each([
    ['short', 'x7Kp2mQ9vR4', 'length'],
    ['endless', 'x7Kp2mQ9'.repeat(17), 'length'],
    ['one key held down', 'aaaaaaaaaaaaaaaa', 'repetitive'],
    ['three keys in turn', 'abcabcabcabcabc', 'repetitive'],
    ['the name and a year', 'LiHua-teeladen-2026', 'contains_username'],
    ['the word itself', 'MyPassword!2026x', 'common'],
    ['a walk over the keyboard', 'qwertyuiop[]gh', 'common'],
    ['a walk in full-width letters', 'ｑｗｅｒｔｙｕｉｏｐｚｘ', 'common'],
    ['counting', 'shop-12345678-tea', 'common'],
  ])('is refused when it is %s', (_, password, reason) => {
    expect(reasonOf(password)).toBe(reason);
  });

  it.each(['tea leaves 4 breakfast', '春眠不觉晓处处闻啼鸟夜来', 'x7Kp2mQ9vR4w'])('may be %s', password => {
    expect(reasonOf(password)).toBeNull();
  });

  // The same ones every time: of those made anew one in ten thousand has such a word in it.
  it('is not refused because it is made at random', () => {
    const made = Array.from({ length: 200 }, (_, n) => hash('sha256', `${n}`, 'base64url').slice(0, 24));
    expect(made.filter(password => reasonOf(password) !== null)).toEqual([]);
  });
});
