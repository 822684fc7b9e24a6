import { describe, expect, it } from 'vitest';
import type { Entry } from './entry.js';
import { MemoryTier } from './memory-tier.js';

const entry = (value: string, bytes = 1, ...tags: string[]): Entry<string> => {
  const farMs = performance.now() + 1e9;
  return { value, bytes, tags, freshUntilMs: farMs, staleUntilMs: farMs, usableUntilMs: farMs };
};
const keysHeld = (tier: MemoryTier<string>, keys: readonly string[]): string[] =>
  keys.filter(key => tier.find(key));

describe('the memory of a cache', () => {
  it('forgets what nobody has asked for longest when it has enough values', () => {
    const tier = new MemoryTier<string>({ maxEntries: 2, maxBytes: 1_000 });
    tier.keep('a', entry('1'));
    tier.keep('b', entry('2'));
    tier.find('a');
    tier.keep('c', entry('3'));
    expect(keysHeld(tier, ['a', 'b', 'c'])).toEqual(['a', 'c']);
  });

  it('forgets by bytes too, and takes none that is larger than itself', () => {
    const tier = new MemoryTier<string>({ maxEntries: 100, maxBytes: 100 });
    tier.keep('a', entry('1', 60));
    tier.keep('b', entry('2', 60));
    tier.keep('c', entry('3', 101, 'tag'));
    expect(keysHeld(tier, ['a', 'b', 'c'])).toEqual(['b']);
    expect(tier.bytes).toBeLessThanOrEqual(100);
  });

  it('forgets by tag what carries it now, not what carried it once', () => {
    const tier = new MemoryTier<string>({ maxEntries: 3, maxBytes: 1_000 });
    tier.keep('a', entry('1', 1, 'red', 'big'));
    tier.keep('b', entry('2', 1, 'red'));
    tier.keep('b', entry('2', 1, 'blue'));
    tier.keep('c', entry('3', 1, 'red'));
    tier.forgetTag('red');
    tier.forgetTag('unknown');
    expect(keysHeld(tier, ['a', 'b', 'c'])).toEqual(['b']);
    expect(tier.size).toBe(1);
  });

  it('remembers no tag of what it has forgotten', () => {
    const tier = new MemoryTier<string>({ maxEntries: 2, maxBytes: 1_000 });
    for (let index = 0; index < 100; index++) tier.keep(`k${index}`, entry('v', 1, `t${index}`));
    expect((tier as unknown as { keysByTag: Map<string, unknown> }).keysByTag.size).toBe(2);
  });
});
