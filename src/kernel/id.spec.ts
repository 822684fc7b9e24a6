import { describe, expect, it } from 'vitest';
import { isId, newId, randomHex } from './id.js';

describe('an id', () => {
  it('is a UUID of version 7 that carries its time', () => {
    const id = newId(0x0190_a1b2_c3d4);
    expect(id).toMatch(/^0190a1b2-c3d4-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('never repeats, also beyond the pool of random bytes and within one millisecond', () => {
    const ids = Array.from({ length: 5_000 }, () => newId(1));
    expect(new Set(ids).size).toBe(5_000);
  });

  it('sorts by time', () => {
    const ids = [3, 1, 2].map(ms => newId(ms * 1_000));
    expect([...ids].sort()).toEqual([ids[1], ids[2], ids[0]]);
  });

  it.each(['', 'x', '0190A1B2-C3D4-7000-8000-000000000000', `${newId()} `, `${newId()}'`])(
    'is not %j',
    text => {
      expect(isId(text)).toBe(false);
      expect(isId(newId())).toBe(true);
    },
  );
});

describe('random digits', () => {
  it('are given out once, also across the end of the pool', () => {
    const texts = Array.from({ length: 3_000 }, (_, index) => randomHex(16 + (index % 9)));
    const starts = new Set(texts.map(text => text.slice(0, 16)));
    expect(starts.size).toBe(3_000);
  });

  it('are as many as were asked for', () => {
    for (const count of [2_048, 16, 1]) expect(randomHex(count)).toMatch(new RegExp(`^[0-9a-f]{${count}}$`));
  });
});
