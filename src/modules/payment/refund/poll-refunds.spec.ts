import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PeriodicTasks, TaskWork } from '../../../platform/queue/periodic-tasks.js';
import type { PayClient } from '../../../platform/wechat/pay/pay-client.js';
import type { PaymentConfig } from '../payment.config.js';
import { PollRefunds } from './poll-refunds.js';
import type { RefundPace } from './refund-pace.js';
import type { RefundRepository } from './refund.repository.js';
import type { SettleRefund } from './settle-refund.js';

/** A poller over `due` refunds, three a run; `settle` decides what becomes of one. */
function setUp(due: string[], settle: (refundNo: string) => Promise<unknown> = async () => undefined) {
  const settled: string[] = [];
  const works: TaskWork[] = [];
  const pay = { isReachable: true };
  const pace = { isSlow: false };
  const poller = new PollRefunds(
    { claimDue: async ({ limit }: { limit: number }) => due.splice(0, limit) } as unknown as RefundRepository,
    { execute: (it: string) => (settled.push(it), settle(it)) } as unknown as SettleRefund,
    pace as RefundPace,
    pay as PayClient,
    { every: (_name: string, _ms: number, work: TaskWork) => works.push(work) } as unknown as PeriodicTasks,
    { pollFirst: 1, refundPollLongest: 2, refundBatch: 3, pollInterval: 3 } as PaymentConfig,
  );
  poller.onModuleInit();
  const run = (signal = new AbortController().signal) => works[0]!(signal);
  return { settled, due, pay, pace, run };
}

describe('polling refunds', () => {
  afterEach(() => vi.restoreAllMocks());

  it('takes a few a run, or a backlog would be more than WeChat allows in a second', async () => {
    const { settled, due, run } = setUp(['a', 'b', 'c', 'd', 'e']);
    await run();
    expect([settled, due]).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
    await run();
    expect(settled).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('takes one after the other', async () => {
    let underWay = 0;
    const most: number[] = [];
    const { run } = setUp(['a', 'b'], async () => {
      most.push(++underWay);
      await Promise.resolve();
      underWay--;
    });
    await run();
    expect(most).toEqual([1, 1]);
  });

  it('does not let one that cannot be recorded keep the others waiting', async () => {
    vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const { settled, run } = setUp(['a', 'b'], it =>
      it === 'a' ? Promise.reject(new Error('another refund')) : Promise.resolve(),
    );
    await run();
    expect(settled).toEqual(['a', 'b']);
  });

  it('claims nothing while WeChat is away or wants less, so that no gap grows', async () => {
    const away = setUp(['a']);
    away.pay.isReachable = false;
    await away.run();
    const slow = setUp(['a']);
    slow.pace.isSlow = true;
    await slow.run();
    expect([away.due, slow.due]).toEqual([['a'], ['a']]);
  });

  it('ends the run as soon as WeChat wants less, or the process is on its way out', async () => {
    const slow = setUp(['a', 'b'], async () => (slow.pace.isSlow = true));
    await slow.run();
    const stop = new AbortController();
    const stopping = setUp(['a', 'b'], async () => stop.abort());
    await stopping.run(stop.signal);
    expect([slow.due, stopping.due]).toEqual([['b'], ['b']]);
  });
});
