import { describe, expect, it } from 'vitest';
import type { LoadScenario, Side } from '../scenario.ts';
import { cast } from './play-load.ts';

const on: Side = { label: 'on', server: 'minnow', request: 'product-detail' };
const off: Side = { ...on, label: 'off', needs: ['METRICS_ENABLED'] };
const peer: Side = { label: 'peer', server: 'node-http', request: 'product-detail' };

function scenario(...sides: Side[]): LoadScenario {
  return { kind: 'load', name: 'any', title: 'any', connections: 1, sides, expectations: [] };
}

describe('a cast', () => {
  it('is complete when the shop knows what its sides need', () => {
    expect(cast(scenario(on, off), new Set(['METRICS_ENABLED']))).toEqual({ present: [on, off], absent: {} });
  });

  it('says what the shop does not know, instead of measuring the same thing twice', () => {
    const { present, absent } = cast(scenario(on, off), new Set());
    expect(present).toEqual([]);
    expect(absent).toEqual({ off: 'the shop does not know METRICS_ENABLED yet' });
  });

  it('goes on without a side when there is something left to compare', () => {
    expect(cast(scenario(on, off, peer), new Set()).present).toEqual([on, peer]);
  });

  it('never measures peers alone', () => {
    const { present } = cast(scenario(off, peer, { ...peer, label: 'other' }), new Set());
    expect(present).toEqual([]);
  });

  it('has HTTP/2 only from a shop that speaks it', () => {
    const http2: Side = { ...on, label: 'HTTP/2', transport: 'http2' };
    const { absent } = cast(scenario(on, peer, http2), new Set());
    expect(absent).toEqual({ 'HTTP/2': 'the shop does not know HTTP_H2C_PORT yet' });
    expect(cast(scenario(on, http2), new Set(['HTTP_H2C_PORT'])).present).toEqual([on, http2]);
  });

  it('needs nobody to compare with where all ask once', () => {
    const burst = { ...scenario(on), kind: 'burst' as const };
    expect(cast(burst, new Set()).present).toEqual([on]);
  });

  it('is empty while a scenario waits for something', () => {
    const { present, absent } = cast(
      { ...scenario(on, peer), pending: 'nobody counts loads yet' },
      new Set(),
    );
    expect(present).toEqual([]);
    expect(absent).toEqual({ on: 'nobody counts loads yet', peer: 'nobody counts loads yet' });
  });
});
