import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PeriodicTasks, TaskWork } from '../../platform/queue/periodic-tasks.js';
import type { PayClient } from '../../platform/wechat/pay/pay-client.js';
import type { AskWechat } from './ask-wechat.js';
import type { PaymentConfig } from './payment.config.js';
import type { PaymentRepository } from './payment.repository.js';
import { PollPayments } from './poll-payments.js';

/** A poller over `due` payments, two at a time; `ask` decides what becomes of a question. */
function setUp(due: string[], ask: (reference: string) => Promise<unknown>, pay = { isReachable: true }) {
  const asked: string[] = [];
  const works: TaskWork[] = [];
  const poller = new PollPayments(
    { claimDue: async () => due.splice(0, 2) } as unknown as PaymentRepository,
    { state: (it: string) => (asked.push(it), ask(it)) } as unknown as AskWechat,
    pay as PayClient,
    { every: (_name: string, _ms: number, work: TaskWork) => works.push(work) } as unknown as PeriodicTasks,
    { pollFirst: 1, pollLongest: 2, pollBatch: 2, pollInterval: 3 } as PaymentConfig,
  );
  poller.onModuleInit();
  return { asked, due, pay, run: (signal: AbortSignal) => works[0]!(signal) };
}

const running = new AbortController().signal;

describe('polling payments', () => {
  afterEach(() => vi.restoreAllMocks());

  it('asks about all that are due, whatever becomes of one of them', async () => {
    vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const { asked, run } = setUp(['a', 'b', 'c', 'd', 'e'], it =>
      it === 'a' ? Promise.reject(new Error('lost')) : Promise.resolve(),
    );
    await run(running);
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('claims nothing while WeChat cannot be reached, so that no gap grows in an outage', async () => {
    const { asked, due, run } = setUp(['a'], async () => undefined, { isReachable: false });
    await run(running);
    expect([asked, due]).toEqual([[], ['a']]);
  });

  it('stops claiming as soon as WeChat is found to be away, or the process is on its way out', async () => {
    const away = setUp(['a', 'b', 'c'], async () => (away.pay.isReachable = false));
    await away.run(running);
    expect(away.due).toEqual(['c']);
    const stop = new AbortController();
    const stopping = setUp(['a', 'b', 'c'], async () => stop.abort());
    await stopping.run(stop.signal);
    expect(stopping.due).toEqual(['c']);
  });
});
