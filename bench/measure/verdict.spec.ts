import { describe, expect, it } from 'vitest';
import type { Expectation, Figures } from '../scenario.ts';
import { judge, type Measured } from './verdict.ts';

const figure = 'requestsPerSecond';

function sides(minnow: readonly number[], peer: readonly number[]): Measured {
  const rounds = (values: readonly number[]): Partial<Figures>[] =>
    values.map(value => ({ [figure]: value }));
  return {
    sides: [
      { label: 'minnow', rounds: rounds(minnow) },
      { label: 'peer', rounds: rounds(peer) },
    ],
    absent: {},
  };
}

function verdictOf(expectation: Omit<Expectation, 'figure' | 'of'>, measured: Measured) {
  const expectations = [{ figure, of: 'minnow', ...expectation } as const];
  return judge({ name: 'any', expectations }, measured)[0]!;
}

describe('a verdict', () => {
  const twice = sides([200, 210, 190], [100, 100, 100]);

  it.each([
    [{ atLeast: 2 }, 'pass'],
    [{ atLeast: 2.01 }, 'falls short'],
    [{ atMost: 2 }, 'pass'],
    [{ atMost: 1.99 }, 'falls short'],
  ] as const)('holds the ratio against its bound: %j %s', (bound, outcome) => {
    expect(verdictOf({ against: 'peer', ...bound }, twice)).toMatchObject({ outcome, value: 2 });
  });

  it('holds the figure itself against its bound when there is nobody to compare with', () => {
    expect(verdictOf({ atLeast: 200 }, twice)).toMatchObject({ outcome: 'pass', value: 200 });
  });

  it('is never a pass for what was not measured', () => {
    const measured = { sides: [], absent: { peer: 'the shop does not know CACHE_ENABLED' } };
    const verdict = verdictOf({ against: 'peer', atLeast: 0 }, measured);
    expect(verdict).toMatchObject({
      outcome: 'not available',
      because: expect.stringContaining('CACHE_ENABLED'),
    });
    expect(() => verdictOf({ atLeast: 0 }, { sides: [], absent: {} })).toThrow('no side is called minnow');
  });

  it.each([
    [{ atMost: 1 }, [1, 1, 2], 'falls short', 2],
    [{ atMost: 1 }, [1, 0, 1], 'pass', 1],
    [{ atLeast: 5 }, [5, 4, 9], 'falls short', 4],
  ] as const)(
    'is of the worst round where every round counts: %j of %j %s',
    (bound, rounds, outcome, value) => {
      const verdict = verdictOf({ ...bound, everyRound: true }, sides(rounds, []));
      expect(verdict).toMatchObject({ outcome, value });
    },
  );

  it('says when rounds disagree, whatever their median says', () => {
    expect(verdictOf({ against: 'peer', atLeast: 1 }, twice).unsteady).toBe(false);
    const noisy = sides([200, 400, 210], [100, 100, 100]);
    expect(verdictOf({ against: 'peer', atLeast: 1 }, noisy)).toMatchObject({
      outcome: 'pass',
      unsteady: true,
    });
  });
});
