import { describe, expect, it } from 'vitest';
import { AccessTokens } from './access-token.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './clock.ts';
import { StateStore } from './state-store.ts';

function setUp() {
  let nowMs = Date.now();
  const tokens = new AccessTokens(new StateStore().collection('tokens'), () => nowMs);
  return { tokens, pass: (ms: number) => (nowMs += ms) };
}

describe('the stable token', () => {
  it('stays the same until its last five minutes, then old and new both work', () => {
    const { tokens, pass } = setUp();
    const first = tokens.issueStable(false);
    pass(HOUR_MS);
    expect(tokens.issueStable(false)).toEqual({ access_token: first.access_token, expires_in: 3600 });
    pass(HOUR_MS - 4 * MINUTE_MS);
    const second = tokens.issueStable(false);
    expect(second.access_token).not.toBe(first.access_token);
    expect(tokens.issueStable(false).access_token).toBe(second.access_token);
    expect(tokens.refuse(first.access_token)).toBeUndefined();
    pass(4 * MINUTE_MS);
    expect(tokens.refuse(first.access_token)).toBe(42001);
    expect(tokens.refuse(second.access_token)).toBeUndefined();
  });

  it('dies at once when forced, but not more often than every 30 s', () => {
    const { tokens, pass } = setUp();
    const first = tokens.issueStable(false).access_token;
    const second = tokens.issueStable(true).access_token;
    expect(tokens.refuse(first)).toBe(40001);
    pass(29 * SECOND_MS);
    expect(tokens.issueStable(true).access_token).toBe(second);
    pass(SECOND_MS);
    expect(tokens.issueStable(true).access_token).not.toBe(second);
  });

  it('can be forced twenty times a day', () => {
    const { tokens, pass } = setUp();
    const seen = Array.from({ length: 25 }, () => {
      pass(30 * SECOND_MS);
      return tokens.issueStable(true).access_token;
    });
    expect(new Set(seen).size).toBe(20);
  });
});

describe('the legacy token', () => {
  it('is new each time, and the one before lives five more minutes', () => {
    const { tokens, pass } = setUp();
    const first = tokens.issueLegacy().access_token;
    const second = tokens.issueLegacy().access_token;
    expect(second).not.toBe(first);
    pass(5 * MINUTE_MS - 1);
    expect(tokens.refuse(first)).toBeUndefined();
    pass(1);
    expect(tokens.refuse(first)).toBe(40001);
    expect(tokens.refuse(second)).toBeUndefined();
  });

  it('leaves the stable family alone', () => {
    const { tokens, pass } = setUp();
    const stable = tokens.issueStable(false).access_token;
    tokens.issueLegacy();
    pass(6 * MINUTE_MS);
    expect(tokens.refuse(stable)).toBeUndefined();
  });
});

it('tells an expired token from a kicked one', () => {
  const { tokens } = setUp();
  const token = tokens.issueStable(false).access_token;
  tokens.expireAll();
  expect(tokens.refuse(token)).toBe(42001);
  tokens.kickAll();
  expect(tokens.refuse(token)).toBe(40001);
});
