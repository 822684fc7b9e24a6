import { describe, expect, it } from 'vitest';
import { pictureTypeOf } from './picture-type.js';

describe('a picture', () => {
  it.each([
    ['png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['jpg', Buffer.from('ffd8ffe000104a464946', 'hex')],
    ['webp', Buffer.from('RIFF\x24\x00\x00\x00WEBPVP8 ', 'latin1')],
  ])('is a %s by its first bytes', (type, bytes) => {
    expect(pictureTypeOf(bytes)).toBe(type);
  });

  it.each([
    ['nothing', ''],
    ['half a signature', '\x89PNG'],
    ['a page', '<html><script>alert(1)</script>'],
    ['a drawing, which may hold scripts', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['a film in the same container', 'RIFF\x24\x00\x00\x00AVI LIST'],
    ['a name in the wrong place', 'WEBPWEBPWEBP'],
    ['a picture behind something else', ' \x89PNG\r\n\x1a\n'],
    ['a PDF', '%PDF-1.7'],
  ])('is not %s', (_, text) => {
    expect(pictureTypeOf(Buffer.from(text, 'latin1'))).toBeNull();
  });
});
