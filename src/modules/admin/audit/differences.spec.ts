import { describe, expect, it } from 'vitest';
import { differences } from './differences.js';

describe('what a change turned into what', () => {
  it('holds the fields that differ, and no others', () => {
    const before = { name: 'tea', priceFen: 100, specs: [{ name: 'size', value: 'S' }] };
    const after = { ...before, priceFen: 200, specs: [{ name: 'size', value: 'M' }] };
    expect(differences(before, after)).toEqual({
      before: { priceFen: 100, specs: [{ name: 'size', value: 'S' }] },
      after: { priceFen: 200, specs: [{ name: 'size', value: 'M' }] },
    });
  });

  it('does not miss a field that came or went', () => {
    const told = differences({ a: 1, gone: 2 }, { a: 1, come: 3 });
    expect(JSON.parse(JSON.stringify(told))).toEqual({ before: { gone: 2 }, after: { come: 3 } });
  });

  it('does not take an equal list or date for a change', () => {
    const at = '2026-11-25T00:00:00.000Z';
    const [before, after] = [
      { list: ['a'], at: new Date(at) },
      { list: ['a'], at: new Date(at) },
    ];
    expect(differences(before, after)).toEqual({ before: {}, after: {} });
  });

  it('is all there is when something was made or removed', () => {
    expect(differences(undefined, { a: 1 })).toEqual({ before: null, after: { a: 1 } });
    expect(differences({ a: 1 }, undefined)).toEqual({ before: { a: 1 }, after: null });
    expect(differences(undefined, undefined)).toEqual({ before: null, after: null });
  });
});
