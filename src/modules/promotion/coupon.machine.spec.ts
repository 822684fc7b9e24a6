import { describe, expect, it } from 'vitest';
import { couponState, reasonNotToUse, refusalToClaim, validityOf } from './coupon.machine.js';

const [before, from, between, until] = [1, 2, 3, 4].map(day => new Date(Date.UTC(2026, 10, day))) as [
  Date,
  Date,
  Date,
  Date,
];

describe('a coupon', () => {
  const coupon = { orderId: null, validFrom: from, validUntil: until };

  it.each([
    ['too early', before, 'available', 'not_yet_valid'],
    ['at its first moment', from, 'available', null],
    ['at its last moment', new Date(until.getTime() - 1), 'available', null],
    ['at its end', until, 'expired', 'expired'],
  ])('%s', (_, at, state, reason) => {
    expect([couponState(coupon, at), reasonNotToUse(coupon, at)]).toEqual([state, reason]);
  });

  it('stays used when its time is over', () => {
    expect(reasonNotToUse({ ...coupon, orderId: 'o' }, until)).toBe('used');
  });

  it('is good for the days its template gives, to the millisecond', () => {
    const days = { validFrom: null, validUntil: null, validDays: 2 };
    expect(validityOf(days, from)).toEqual({ validFrom: from, validUntil: until });
    expect(validityOf({ validFrom: from, validUntil: until, validDays: null }, before)).toEqual({
      validFrom: from,
      validUntil: until,
    });
  });
});

describe('a claim', () => {
  const offer = {
    claimFrom: from,
    claimUntil: until,
    endedAt: null,
    total: 5,
    claimed: 4,
    perUserLimit: 2,
    claimedByUser: 1,
  };

  it.each([
    ['in its time', {}, between, undefined],
    ['at its first moment', {}, from, undefined],
    ['too early', {}, before, 'coupon.not_claimable'],
    ['too late', {}, until, 'coupon.not_claimable'],
    ['of what the shop has ended', { endedAt: from }, between, 'coupon.not_claimable'],
    ['of the last one gone', { claimed: 5 }, between, 'coupon.sold_out'],
    ['beyond the limit of a user', { claimedByUser: 2 }, between, 'coupon.limit_reached'],
  ])('%s', (_, change, at, code) => {
    expect(refusalToClaim({ ...offer, ...change }, at)?.code).toBe(code);
  });
});
