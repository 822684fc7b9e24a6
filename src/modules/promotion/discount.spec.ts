import { describe, expect, it } from 'vitest';
import { maxFen, sumFen } from '../../kernel/money.js';
import { between, pick, randomFrom } from '../../../tools/seed/random.ts';
import { allocate, discountLines, type DiscountableLine, type DiscountTerms } from './discount.js';

const everything: DiscountTerms = {
  minimumFen: 0,
  amountFen: null,
  percentOff: null,
  capFen: null,
  categoryIds: null,
  productIds: null,
};

const line = (priceFen: number, quantity = 1, of: Partial<DiscountableLine> = {}): DiscountableLine => ({
  productId: 'p1',
  categoryId: 'c1',
  priceFen,
  quantity,
  ...of,
});

describe('a discount', () => {
  it('is not given below its threshold by a single fen', () => {
    const terms = { ...everything, minimumFen: 3_000, amountFen: 500 };
    expect(discountLines(terms, [line(2_999)])).toBe('below_minimum');
    expect(discountLines(terms, [line(1_000, 3)])).toEqual([500]);
  });

  it('counts towards the threshold only what it covers', () => {
    const terms = { ...everything, minimumFen: 3_000, amountFen: 500, categoryIds: ['c2', 'c1'] };
    const stranger = line(9_000, 1, { categoryId: 'c3' });
    expect(discountLines(terms, [line(2_000), stranger])).toBe('below_minimum');
    expect(discountLines(terms, [line(2_000), stranger, line(1_000, 1, { categoryId: 'c2' })])).toEqual([
      333, 0, 167,
    ]);
  });

  it('is for nothing when it covers none of the goods', () => {
    const lines = [line(2_000)];
    expect(discountLines({ ...everything, amountFen: 1, categoryIds: ['c2'] }, lines)).toBe('out_of_scope');
    expect(discountLines({ ...everything, amountFen: 1, productIds: ['p2'] }, lines)).toBe('out_of_scope');
    expect(discountLines({ ...everything, amountFen: 1, productIds: ['p2', 'p1'] }, lines)).toEqual([1]);
  });

  it('of a percentage is rounded down and stops at its cap', () => {
    expect(discountLines({ ...everything, percentOff: 15 }, [line(1_999)])).toEqual([299]);
    expect(discountLines({ ...everything, percentOff: 15, capFen: 200 }, [line(1_999)])).toEqual([200]);
  });

  it('leaves one fen to pay, however much more it could take off', () => {
    expect(discountLines({ ...everything, amountFen: maxFen }, [line(100), line(300)])).toEqual([100, 299]);
    const covered = { ...everything, amountFen: maxFen, productIds: ['p1'] };
    expect(discountLines(covered, [line(100), line(1, 1, { productId: 'p2' })])).toEqual([100, 0]);
  });

  it.each([
    ['a percentage of next to nothing', { ...everything, percentOff: 1 }, [line(99)]],
    ['the only fen of an order', { ...everything, amountFen: 500 }, [line(1)]],
  ])('does not use up a coupon for %s', (_, terms, lines) => {
    expect(discountLines(terms, lines)).toBe('worth_nothing');
  });

  it('is exact where amounts multiplied are beyond a double', () => {
    const lines = [line(267_755_299), line(188_589_787), line(511_057_232)];
    const discounts = discountLines({ ...everything, amountFen: 967_402_315 }, lines);
    expect(discounts).toEqual([267_755_298, 188_589_787, 511_057_230]);
  });
});

/** Terms and carts of all sizes, small ones most of all: there the fen that are left over matter. */
function sample(seed: number): { terms: DiscountTerms; lines: readonly DiscountableLine[] } {
  const random = randomFrom(seed);
  const largest = pick(random, [1, 3, 100, 1_000_000]);
  const amount = (): number => between(random, 1, largest);
  const id = (): string => pick(random, ['1', '2', '3']);
  const lines = Array.from({ length: between(random, 1, pick(random, [1, 12])) }, () => ({
    productId: id(),
    categoryId: id(),
    priceFen: amount(),
    quantity: between(random, 1, pick(random, [1, 9, 999])),
  }));
  const isPercentage = random() < 0.5;
  const scope = pick(random, ['all', 'categories', 'products']);
  const terms = {
    minimumFen: pick(random, [0, amount()]),
    amountFen: isPercentage ? null : amount(),
    percentOff: isPercentage ? between(random, 1, 99) : null,
    capFen: isPercentage ? pick(random, [null, amount()]) : null,
    categoryIds: scope === 'categories' ? [id(), id()] : null,
    productIds: scope === 'products' ? [id()] : null,
  };
  return { terms, lines };
}

const seeds = Array.from({ length: 5_000 }, (_, index) => index);

/** The seeds that break a law: what to replay. */
function breaking(
  law: (given: ReturnType<typeof sample>, discounts: readonly number[]) => boolean,
): number[] {
  return seeds.filter(seed => {
    const given = sample(seed);
    const discounts = discountLines(given.terms, given.lines);
    return typeof discounts !== 'string' && !law(given, discounts);
  });
}

const totalsOf = (lines: readonly DiscountableLine[]): number[] =>
  lines.map(({ priceFen, quantity }) => priceFen * quantity);
const coveredBy = ({ categoryIds, productIds }: DiscountTerms, { categoryId, productId }: DiscountableLine) =>
  (categoryIds?.includes(categoryId) ?? true) && (productIds?.includes(productId) ?? true);

describe('any discount', () => {
  it('is tried with enough that take something off, and enough that do not', () => {
    const outcomes = seeds.map(sample).map(({ terms, lines }) => discountLines(terms, lines));
    const count = (what: unknown) =>
      outcomes.filter(it => (typeof it === 'string' ? it : 'taken') === what).length;
    const kinds = ['taken', 'out_of_scope', 'below_minimum', 'worth_nothing'];
    expect(kinds.filter(kind => count(kind) < 100)).toEqual([]);
  });

  it('takes whole fen off each line, and never more than it costs', () => {
    const lawful = (fen: number, total: number) => Number.isSafeInteger(fen) && fen >= 0 && fen <= total;
    expect(
      breaking(({ lines }, discounts) => {
        const totals = totalsOf(lines);
        return discounts.length === lines.length && discounts.every((fen, at) => lawful(fen, totals[at]!));
      }),
    ).toEqual([]);
  });

  it('leaves at least one fen to pay and takes at least one off', () => {
    expect(
      breaking(({ lines }, discounts) => {
        const left = sumFen(totalsOf(lines)) - sumFen(discounts);
        return left >= 1 && sumFen(discounts) >= 1;
      }),
    ).toEqual([]);
  });

  it('adds up over the lines to exactly what its terms say', () => {
    expect(
      breaking(({ terms, lines }, discounts) => {
        const totals = totalsOf(lines);
        const covered = sumFen(totals.filter((_, at) => coveredBy(terms, lines[at]!)));
        const { amountFen, percentOff, capFen } = terms;
        const said = amountFen ?? Math.min(Math.floor((covered * percentOff!) / 100), capFen ?? Infinity);
        return sumFen(discounts) === Math.min(said, covered, sumFen(totals) - 1);
      }),
    ).toEqual([]);
  });

  it('touches no line that it does not cover', () => {
    expect(
      breaking(({ terms, lines }, discounts) =>
        lines.every((each, at) => coveredBy(terms, each) || discounts[at] === 0),
      ),
    ).toEqual([]);
  });
});

describe('any allocation', () => {
  it('adds up, and no part is a fen or more from its fair share', () => {
    const unfair = seeds.filter(seed => {
      const random = randomFrom(seed);
      const weights = Array.from({ length: between(random, 1, 20) }, () =>
        between(random, 0, pick(random, [1, 7, 100_000])),
      );
      const sum = sumFen(weights);
      if (sum === 0) return false;
      const amount = between(random, 0, sum);
      const parts = allocate(amount, weights);
      const isFair = parts.every((part, at) => Math.abs(part - (amount * weights[at]!) / sum) < 1);
      return sumFen(parts) !== amount || !isFair || parts.some((part, at) => part > weights[at]!);
    });
    expect(unfair).toEqual([]);
  });
});
