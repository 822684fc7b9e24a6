import { describe, expect, it } from 'vitest';
import { couponTemplateInput } from './promotion.contract.js';

const template = {
  name: '满 30 减 5',
  minimumFen: 3_000,
  amountFen: 500,
  total: 100,
  claimFrom: '2026-11-01T00:00:00Z',
  claimUntil: '2026-12-01T00:00:00Z',
  validDays: 30,
};
const dated = { validDays: undefined, validFrom: '2026-11-01T00:00:00Z', validUntil: '2026-12-31T00:00:00Z' };

describe('a coupon template', () => {
  it.each([
    ['threshold', {}],
    ['percentage with a cap', { amountFen: undefined, percentOff: 15, capFen: 2_000 }],
    ['fixed dates', dated],
    ['Chinese time', { ...dated, validUntil: '2026-12-31T23:59:59+08:00' }],
    ['usable until the last moment of claiming', { ...dated, validUntil: template.claimUntil }],
  ])('may have %s', (_, change) => {
    expect(couponTemplateInput.safeParse({ ...template, ...change }).error).toBeUndefined();
  });

  it('gives one to a user unless it says otherwise', () => {
    expect(couponTemplateInput.parse(template).perUserLimit).toBe(1);
  });

  it.each([
    ['two discounts', { percentOff: 15 }, 'amountFen'],
    ['no discount', { amountFen: undefined }, 'amountFen'],
    ['a cap of a fixed amount', { capFen: 100 }, 'capFen'],
    ['two scopes', { categoryIds: ['c'], productIds: ['p'] }, 'productIds'],
    ['an empty scope, which is not "everything"', { categoryIds: [] }, 'categoryIds'],
    ['everything for nothing', { amountFen: undefined, percentOff: 100 }, 'percentOff'],
    ['part of a fen', { amountFen: 0.5 }, 'amountFen'],
    ['no time to claim in', { claimUntil: template.claimFrom }, 'claimUntil'],
    ['no validity', { validDays: undefined }, 'validUntil'],
    ['two validities', { ...dated, validDays: 3 }, 'validUntil'],
    ['half a validity', { validDays: undefined, validUntil: dated.validUntil }, 'validUntil'],
    ['a validity that ends before it begins', { ...dated, validFrom: '2027-01-01T00:00:00Z' }, 'validUntil'],
    ['claims of what is over', { ...dated, validUntil: '2026-11-30T00:00:00Z' }, 'validUntil'],
    ['a day that does not exist', { claimUntil: '2026-11-31T00:00:00Z' }, 'claimUntil'],
    ['a time without a zone', { claimUntil: '2026-11-30T00:00:00' }, 'claimUntil'],
  ])('cannot have %s', (_, change, path) => {
    const { error } = couponTemplateInput.safeParse({ ...template, ...change });
    expect(error?.issues.map(issue => issue.path.join('.'))).toEqual([path]);
  });
});
