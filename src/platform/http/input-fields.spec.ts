import { describe, expect, it } from 'vitest';
import { optionalText, visibleText } from './input-fields.js';

describe('visible text', () => {
  it.each(['小明', 'Ada Lovelace', '👩‍👩‍👧', 'ab·热依汗'])('accepts %s', name => {
    expect(visibleText(32).parse(` ${name} `)).toBe(name);
  });

  it.each([
    ['nothing', ''],
    ['blanks', '   '],
    ['invisible characters only', '\u200B\u200D'],
    ['NUL, which PostgreSQL refuses', 'a\u0000b'],
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
