import { describe, expect, it } from 'vitest';
import { requireAnswers } from './drive.ts';

const result = { requests: 1_000, elapsedMs: 1_000, serverCpuMs: 900, p50Ms: 1, p99Ms: 2, failures: {} };

describe('a round', () => {
  it('counts when everything was answered as expected', () => {
    expect(requireAnswers(result)).toBe(result);
  });

  it('does not count when a server was fast at refusing', () => {
    const refused = { ...result, failures: { 'status 503': 7, 'status 429 while warming up': 1 } };
    expect(() => requireAnswers(refused)).toThrow('7 x status 503, 1 x status 429 while warming up');
  });

  it('does not count when nothing was answered at all', () => {
    expect(() => requireAnswers({ ...result, requests: 0 })).toThrow('no request was answered');
  });
});
