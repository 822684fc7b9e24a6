import { describe, expect, it } from 'vitest';
import { beijingDayOf, boundsOf, isBeijingDay } from './beijing-time.js';

describe('a day in Beijing', () => {
  it('holds its last second, whatever day it is elsewhere', () => {
    const [from, until] = boundsOf('2026-11-22');
    expect([from.toISOString(), until.toISOString()]).toEqual([
      '2026-11-21T16:00:00.000Z',
      '2026-11-22T16:00:00.000Z',
    ]);
    expect(beijingDayOf(from)).toBe('2026-11-22');
    expect(beijingDayOf(new Date(until.getTime() - 1))).toBe('2026-11-22');
    expect(beijingDayOf(until)).toBe('2026-11-23');
  });

  it('ends a year where a year ends', () => {
    expect(boundsOf('2026-12-31')[1]).toEqual(boundsOf('2027-01-01')[0]);
  });

  it.each(['2026-02-30', '2026-13-01', '20261122', '2026-11-22T00:00', '26-11-22', '', 'today'])(
    'is never %j',
    text => expect(isBeijingDay(text)).toBe(false),
  );

  it('may be a leap day', () => {
    expect([isBeijingDay('2028-02-29'), isBeijingDay('2026-02-29')]).toEqual([true, false]);
  });
});
