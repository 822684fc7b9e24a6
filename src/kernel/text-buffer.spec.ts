import { describe, expect, it } from 'vitest';
import { TextBuffer } from './text-buffer.js';

describe('text that is gathered', () => {
  it('comes back as it was, to the last byte that there is room for', () => {
    const buffer = new TextBuffer(16);
    expect(['商品', 'é', 'abcdefgh', 'i', ''].map(text => buffer.add(text))).toEqual([
      true,
      true,
      true,
      false,
      true,
    ]);
    expect(buffer.count).toBe(4);
    expect(buffer.take().toString()).toBe('商品éabcdefgh');
  });

  it('is left out whole when there is not room for its last character', () => {
    const buffer = new TextBuffer(5);
    expect(buffer.add('商品')).toBe(false);
    expect(buffer.add('商')).toBe(true);
    expect(buffer.take().toString()).toBe('商');
  });

  it('is not overwritten by what is added after it was taken', () => {
    const buffer = new TextBuffer(4);
    buffer.add('abcd');
    const taken = buffer.take();
    expect([buffer.count, buffer.take().length]).toEqual([0, 0]);
    buffer.add('efgh');
    expect([taken.toString(), buffer.take().toString()]).toEqual(['abcd', 'efgh']);
  });
});
