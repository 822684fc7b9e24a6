import { describe, expect, it } from 'vitest';
import { newId } from './id.js';
import { decodeCursor, encodeCursor, lastIdOf, lastPositionOf, pageOf } from './page.js';

describe('a cursor', () => {
  it('comes back as it went', () => {
    expect(decodeCursor(encodeCursor([1_990, '商品', 'id']), 3)).toEqual([1_990, '商品', 'id']);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', Buffer.from('x').toString('base64url')],
    ['no list', Buffer.from('{"length":2}').toString('base64url')],
    ['too short', encodeCursor(['a'])],
    ['too long', encodeCursor(['a', 'b', 'c'])],
    ['nested', Buffer.from('[["a"],"b"]').toString('base64url')],
    ['with null', Buffer.from('[null,"b"]').toString('base64url')],
    ['not finite', Buffer.from('[1e999,"b"]').toString('base64url')],
  ])('is refused when it is %s', (_, cursor) => {
    expect(decodeCursor(cursor, 2)).toBeNull();
  });
});

describe('the last id of a list', () => {
  it('is the one its cursor was made of', () => {
    const id = newId();
    expect(lastIdOf(encodeCursor([id]))).toBe(id);
  });

  it.each([
    ['the beginning', undefined],
    ['something that is no cursor', 'x'],
    ['a cursor of another list', encodeCursor(['newest', 1, newId()])],
    ['a cursor with something that is no id', encodeCursor(["' or 1=1"])],
  ])('is none for %s', (_, cursor) => {
    expect(lastIdOf(cursor)).toBeNull();
  });
});

describe('the last position of a log', () => {
  it('is the one its cursor was made of', () => {
    expect(lastPositionOf(encodeCursor([7]))).toBe(7);
  });

  it.each([
    ['the beginning', undefined],
    ['something that is no cursor', 'x'],
    ['a cursor of another list', encodeCursor([newId()])],
    ['what PostgreSQL could not count to', encodeCursor([1e300])],
    ['what was never counted', encodeCursor([-1])],
    ['half a line', encodeCursor([0.5])],
  ])('is none for %s', (_, cursor) => {
    expect(lastPositionOf(cursor)).toBeNull();
  });
});

describe('a page', () => {
  const keyOf = (row: number): number[] => [row];

  it('has no next one when all rows fit', () => {
    expect(pageOf([1, 2], 2, keyOf)).toEqual({ items: [1, 2] });
    expect(pageOf([], 2, keyOf)).toEqual({ items: [] });
  });

  it('points behind its own last row, not behind the extra one', () => {
    expect(pageOf([1, 2, 3], 2, keyOf)).toEqual({ items: [1, 2], nextCursor: encodeCursor([2]) });
  });
});
