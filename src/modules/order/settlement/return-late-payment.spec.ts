import { Logger } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Transactor } from '../../../platform/database/transactor.js';
import type { RefundIntent, Refunds, RefundStatus } from '../../payment/payment.contract.js';
import type { OrderConfig } from '../order.config.js';
import type { Order } from '../order.repository.js';
import { ReturnLatePayment } from './return-late-payment.js';

const order = { number: 'N1', amounts: { totalFen: 4_200 } } as Order;

/** A payment whose earlier refunds stand like this; `commits` runs what waits for the commit. */
function setUp(earlier: RefundStatus[], isNew = true) {
  const asked: [string, number][] = [];
  const effects: (() => void)[] = [];
  const counter = new Counter({ name: 'late', help: 'late', registers: [new Registry()] });
  const returnLatePayment = new ReturnLatePayment(
    {
      listFor: async () => earlier.map(status => ({ status })),
      request: async ({ refundNo }: RefundIntent, delayMs: number) => (
        asked.push([refundNo, delayMs]),
        isNew
      ),
    } as unknown as Refunds,
    { afterCommit: (effect: () => void) => effects.push(effect) } as unknown as Transactor,
    { lateRefundRetry: 10 } as OrderConfig,
    counter,
  );
  const counted = async () => (await counter.get()).values[0]!.value;
  const commit = () => effects.splice(0).forEach(effect => effect());
  return { asked, commit, counted, run: () => returnLatePayment.execute(order) };
}

describe('giving late money back', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each<[readonly RefundStatus[], string, number]>([
    [[], 'N1-late', 0],
    [['requested'], 'N1-late', 0],
    [['succeeded'], 'N1-late', 0],
    [['closed'], 'N1-late-2', 10],
    [['closed', 'processing'], 'N1-late-2', 10],
    [['closed', 'closed'], 'N1-late-3', 40],
    [['closed', 'closed', 'closed', 'closed', 'closed'], 'N1-late-6', 2_560],
  ])(
    'takes another number only for what WeChat has closed, later and later: %j',
    async (earlier, ...next) => {
      const { asked, run } = setUp([...earlier]);
      await run();
      expect(asked).toEqual([next]);
    },
  );

  it('calls a person instead of asking for ever', async () => {
    const error = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const { asked, run } = setUp(Array.from({ length: 6 }, () => 'closed' as const));
    await run();
    expect(asked).toEqual([]);
    expect(error).toHaveBeenCalledOnce();
  });

  it('is counted once a payment, when it is committed', async () => {
    vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const late = setUp([]);
    await late.run();
    expect(await late.counted()).toBe(0);
    late.commit();
    expect(await late.counted()).toBe(1);
    for (const { run, commit, counted } of [setUp(['requested'], false), setUp(['closed'])]) {
      await run();
      commit();
      expect(await counted()).toBe(0);
    }
  });
});
