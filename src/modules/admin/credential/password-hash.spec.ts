import { describe, expect, it } from 'vitest';
import { hashPassword, matchesHash, nobodysHash } from './password-hash.js';

describe('a password hash', () => {
  it('knows its password, with another salt every time', async () => {
    const [one, two] = await Promise.all([hashPassword('tea leaves'), hashPassword('tea leaves')]);
    expect(one).not.toBe(two);
    expect(one).not.toContain('tea');
    expect(await matchesHash('tea leaves', one)).toBe(true);
    expect(await matchesHash('tea leaves ', one)).toBe(false);
  });

  it('knows one letter that two keyboards write differently', async () => {
    expect(await matchesHash('caf\u0065\u0301 zur post', await hashPassword('caf\u00e9 zur post'))).toBe(
      true,
    );
  });

  it('made with other parameters still works, so that they can be raised', async () => {
    const weak = 'scrypt$1024$8$1$c2FsdHNhbHRzYWx0c2FsdA==$GFk2nORWCyXSVwgAcgxGc539AF8pdYzwG/RGbOpKXV0=';
    expect(await matchesHash('tea leaves', weak)).toBe(true);
    expect(await matchesHash('tea Leaves', weak)).toBe(false);
    expect((await hashPassword('x')).split('$').slice(0, 4)).toEqual(['scrypt', '32768', '8', '3']);
  });

  it('of nobody fits no password, and takes as long as any other', async () => {
    expect(nobodysHash.split('$').slice(0, 4)).toEqual((await hashPassword('x')).split('$').slice(0, 4));
    expect(await matchesHash('', nobodysHash)).toBe(false);
  });

  it.each(['', 'plain text', 'bcrypt$10$x$y$z$k'])('is not taken for one when it is %j', async hash => {
    await expect(matchesHash('x', hash)).rejects.toThrow('not a password hash');
  });
});
