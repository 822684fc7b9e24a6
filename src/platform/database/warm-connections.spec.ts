import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { WarmConnections } from './warm-connections.js';

describe('connections that are kept open', () => {
  it('are opened one at a time, however often they are asked for, and no more than are missing', async () => {
    const opening: (() => void)[] = [];
    let missing = 2;
    const warm = new WarmConnections(
      () => missing > 0,
      () => new Promise(resolve => opening.push(resolve)),
    );
    for (let time = 0; time < 5; time++) warm.fill();
    await turn();
    expect(opening).toHaveLength(1);
    for (const open of opening) {
      missing -= 1;
      open();
      warm.fill();
      await turn();
    }
    expect(opening).toHaveLength(2);
    missing = 1;
    warm.fill();
    expect(opening).toHaveLength(3);
  });

  it('are not tried again at once while the server is away', async () => {
    let attempts = 0;
    const pauses: (() => void)[] = [];
    const warm = new WarmConnections(
      () => attempts < 3,
      () => Promise.reject(new Error(`down for the ${(attempts += 1)}. time`)),
      () => new Promise(resolve => pauses.push(resolve)),
    );
    warm.fill();
    await turn();
    warm.fill();
    await turn();
    expect(attempts).toBe(1);
    pauses[0]!();
    await turn();
    expect(attempts).toBe(2);
  });
});
