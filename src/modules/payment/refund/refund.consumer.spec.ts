import { describe, expect, it } from 'vitest';
import type { JobRunner } from '../../../platform/queue/job-runner.js';
import type { RefundPace } from './refund-pace.js';
import { RefundConsumer } from './refund.consumer.js';
import type { SettleRefund } from './settle-refund.js';

type Job = Parameters<RefundConsumer['send']>[0];

describe('the job of a refund', () => {
  it.each([
    [false, ['R1']],
    [true, []],
  ])('leaves it to the poller while WeChat wants less: %s', async (isSlow, sent) => {
    const settled: string[] = [];
    const work = {
      run: (_job: unknown, { data }: Job, does: (it: unknown) => unknown) => does(data),
    };
    const consumer = new RefundConsumer(
      work as unknown as JobRunner,
      { execute: async (refundNo: string) => void settled.push(refundNo) } as unknown as SettleRefund,
      { isSlow } as RefundPace,
    );
    await consumer.send({ data: { refundNo: 'R1' } } as unknown as Job);
    expect(settled).toEqual(sent);
  });
});
