import { describe, expect, it } from 'vitest';
import { ByEnding } from './by-ending.js';

describe('what is kept for an ending', () => {
  it('is made once, and is of no other method, route or status', () => {
    const made: string[] = [];
    const endings = new ByEnding((...ending) => {
      made.push(ending.join(' '));
      return ending.join(' ');
    });
    const all = ['GET', 'POST'].flatMap(method =>
      ['/a', '/b'].flatMap(route => [200, 404].map(status => [method, route, status] as const)),
    );
    for (const ending of [...all, ...all]) expect(endings.of(...ending)).toBe(ending.join(' '));
    expect(made).toEqual(all.map(ending => ending.join(' ')));
  });
});
