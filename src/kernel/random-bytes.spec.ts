import { describe, expect, it } from 'vitest';
import { randomBytes } from './random-bytes.js';

describe('random bytes', () => {
  it('are given out once, also across the end of the pool', () => {
    const texts = Array.from({ length: 3_000 }, (_, index) => randomBytes(8 + (index % 9)).toString('hex'));
    const starts = new Set(texts.map(text => text.slice(0, 16)));
    expect(starts.size).toBe(3_000);
  });

  it('are as many as were asked for, and none is filled with nothing', () => {
    expect(randomBytes(4_096)).toHaveLength(4_096);
    expect(randomBytes(16)).toHaveLength(16);
    expect(randomBytes(16)).not.toEqual(Buffer.alloc(16));
  });
});
