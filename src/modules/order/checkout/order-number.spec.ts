import { describe, expect, it } from 'vitest';
import { newOrderNumber } from './order-number.js';

const now = new Date('2026-11-10T16:00:00Z');
const numbers = Array.from({ length: 2_000 }, () => newOrderNumber(now));

describe('an order number', () => {
  it('says the day in China, then only letters and digits that nobody mistakes for others', () => {
    const others = numbers.filter(number => !/^20261111[0-9A-HJKMNP-TV-Z]{16}$/.test(number));
    expect(others).toEqual([]);
    expect(newOrderNumber(new Date('2026-11-10T15:59:59.999Z'))).toMatch(/^20261110/);
  });

  it('cannot be guessed from another one: every letter may stand in every place', () => {
    // A fair one leaves a letter out of a place once in 10^23 runs.
    for (let place = 8; place < 24; place++) {
      expect(new Set(numbers.map(number => number[place])).size).toBe(32);
    }
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
