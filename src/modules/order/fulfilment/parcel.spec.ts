import { describe, expect, it } from 'vitest';
import { describeGoods, maskedContact } from './parcel.js';

describe('what WeChat is told of a parcel', () => {
  it('names all goods and how many', () => {
    const lines = [
      { productName: '小鱼干', quantity: 2 },
      { productName: '冻干', quantity: 1 },
    ];
    expect(describeGoods(lines)).toBe('小鱼干 × 2、冻干 × 1');
  });

  it.each([
    ['13800138000', '138****8000'],
    ['+86 138-0013-8000', '861****8000'],
    ['020-81167888', '020****7888'],
    ['12345678', '123****5678'],
    ['1234567', undefined],
    ['', undefined],
  ])('shows of the receiver’s phone %s only %s', (telNumber, shown) => {
    expect(maskedContact(telNumber)).toBe(shown);
  });
});
