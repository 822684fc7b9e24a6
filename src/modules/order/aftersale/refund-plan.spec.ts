import { describe, expect, it } from 'vitest';
import { assertWechatRefunds, planRefund, refundOfUnits, type RefundableLine } from './refund-plan.js';

/** Repeatable numbers from 0 to `below` − 1 (mulberry32). */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const line = (skuId: string, quantity: number, paidFen: number, refunded = 0): RefundableLine => ({
  skuId,
  quantity,
  paidFen,
  refunded,
});

describe('refunds of units of a line', () => {
  it('add up to exactly what was paid, however they are cut up, and are never negative', () => {
    for (let seed = 1; seed <= 2_000; seed++) {
      const roll = dice(seed);
      const [quantity, paidFen] = [1 + roll(999), roll(seed % 7 === 0 ? 2_000_000_000 : 5_000)];
      let [refunded, sum] = [0, 0];
      while (refunded < quantity) {
        const units = 1 + roll(quantity - refunded);
        const amount = refundOfUnits(line('a', quantity, paidFen, refunded), units);
        expect(amount).toBeGreaterThanOrEqual(0);
        expect(Math.abs(amount - (paidFen * units) / quantity)).toBeLessThan(1);
        [refunded, sum] = [refunded + units, sum + amount];
      }
      expect([seed, sum]).toEqual([seed, paidFen]);
    }
  });

  it.each([
    [[334, 333, 333], 1_000],
    [[0, 0, 1], 1],
  ])('hand out %j of three units', (expected, paidFen) => {
    const amounts = [0, 1, 2].map(refunded => refundOfUnits(line('a', 3, paidFen, refunded), 1));
    expect(amounts.sort()).toEqual([...expected].sort());
  });
});

describe('the plan of a refund', () => {
  const lines = [line('a', 2, 1_000), line('b', 3, 500, 1)];

  it('takes all that is left when nothing is named', () => {
    expect(planRefund(lines)).toEqual({
      items: [
        { skuId: 'a', quantity: 2, amountFen: 1_000 },
        { skuId: 'b', quantity: 2, amountFen: 334 },
      ],
      itemsFen: 1_334,
      isWhole: true,
    });
  });

  it('knows that naming all that is left is the whole order, and less is not', () => {
    const all = [
      { skuId: 'a', quantity: 2 },
      { skuId: 'b', quantity: 2 },
    ];
    expect(planRefund(lines, all)).toEqual(planRefund(lines));
    expect(planRefund(lines, all.slice(1))).toMatchObject({ itemsFen: 334, isWhole: false });
  });

  it.each([
    ['more units than are left', [{ skuId: 'b', quantity: 3 }], ['b']],
    [
      'a SKU that was not ordered',
      [
        { skuId: 'c', quantity: 1 },
        { skuId: 'a', quantity: 1 },
      ],
      ['c'],
    ],
  ])('refuses %s', (_, wanted, skuIds) => {
    expect(() => planRefund(lines, wanted)).toThrow(expect.objectContaining({ details: { skuIds } }));
  });

  it('never gives back more for parts of an order than for the whole of it', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const roll = dice(seed);
      const order = Array.from({ length: 1 + roll(5) }, (_, n) =>
        line(`sku-${n}`, 1 + roll(20), roll(10_000)),
      );
      const paid = order.reduce((sum, { paidFen }) => sum + paidFen, 0);
      const gone = new Map<string, number>();
      let sum = 0;
      for (let isWhole = false; !isWhole;) {
        const left = order.map(it => ({ ...it, refunded: gone.get(it.skuId) ?? 0 }));
        const open = left.filter(it => it.refunded < it.quantity);
        const wanted = [open[roll(open.length)]!].map(it => ({
          skuId: it.skuId,
          quantity: 1 + roll(it.quantity - it.refunded),
        }));
        const plan = planRefund(left, wanted);
        for (const { skuId, quantity } of plan.items) gone.set(skuId, (gone.get(skuId) ?? 0) + quantity);
        ({ isWhole } = plan);
        sum += plan.itemsFen;
      }
      expect([seed, sum]).toEqual([seed, paid]);
    }
  });
});

const now = new Date('2026-11-25T00:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);

describe('refunds that WeChat would refuse for good', () => {
  it.each([
    [daysAgo(364), 49],
    [daysAgo(0), 0],
  ])('are not these: paid %s, %i before', (paidAt, refundCount) => {
    expect(() => assertWechatRefunds({ paidAt, refundCount }, now)).not.toThrow();
  });

  it.each([
    [daysAgo(364.1), 0, 'too_late'],
    [daysAgo(1), 50, 'too_many'],
  ])('are refused before an order waits for them: paid %s, %i before', (paidAt, refundCount, reason) => {
    expect(() => assertWechatRefunds({ paidAt, refundCount }, now)).toThrow(
      expect.objectContaining({ code: 'order.refund_not_possible', details: { reason } }),
    );
  });
});
