import { Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { StatementObserver } from './statement-observer.js';

describe('a statement', () => {
  it.each([
    ['select 1', 'SELECT'],
    ['  with x as (select 1) select 2', 'WITH'],
    ['begin', 'BEGIN'],
    ['START TRANSACTION', 'BEGIN'],
    ['commit', 'COMMIT'],
    ['listen outbox', 'OTHER'],
    ['', 'OTHER'],
  ])('is measured by what it does: %j', async (sql, operation) => {
    const durations = new Histogram({
      name: 'durations',
      help: 'x',
      labelNames: ['operation'],
      registers: [new Registry()],
    });
    new StatementObserver(durations, 1_000).sent(sql, 2);
    const { values } = await durations.get();
    expect(new Set(values.map(({ labels }) => labels.operation))).toEqual(new Set([operation]));
  });
});
