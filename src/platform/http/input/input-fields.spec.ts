import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { droppedText, optionalText, someChange, visibleText } from './input-fields.js';

describe('visible text', () => {
  it.each(['小明', 'Ada Lovelace', '👩‍👩‍👧', 'ab·热依汗', '한글', '⠓⠊'])('accepts %s', name => {
    expect(visibleText(32).parse(` ${name} `)).toBe(name);
  });

  it.each([
    ['nothing', ''],
    ['blanks', '   '],
    ['invisible characters only', '\u200B\u200D'],
    ['Hangul fillers only', '\u3164\u115F\u1160\uFFA0'],
    ['empty Braille only', '\u2800\u2800'],
    ['NUL, which PostgreSQL refuses', 'a\u0000b'],
    ['half a surrogate pair', 'a\uD800b'],
    ['a line break', 'a\nb'],
    ['a reversed name', 'a\u202Eb'],
    ['too much', 'x'.repeat(33)],
  ])('refuses %s', (_, name) => {
    expect(visibleText(32).safeParse(name).success).toBe(false);
  });

  it('lets an optional text be empty, but not hide a NUL', () => {
    expect(optionalText(8).parse(' ')).toBe('');
    expect(optionalText(8).safeParse('\u0000').success).toBe(false);
  });
});

describe('a field that is dropped', () => {
  const schema = someChange(z.strictObject({ name: optionalText(8).optional(), errMsg: droppedText(8) }));

  it('leaves nothing behind, and is no change', () => {
    expect(schema.parse({ name: 'a', errMsg: 'ok' }).errMsg).toBeUndefined();
    expect(schema.safeParse({ errMsg: 'ok' }).success).toBe(false);
  });

  it('is bounded and plain text all the same', () => {
    for (const errMsg of ['x'.repeat(9), 'a\u0000', 7, null]) {
      expect(schema.safeParse({ name: 'a', errMsg }).success).toBe(false);
    }
  });
});
