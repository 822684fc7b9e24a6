import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PaymentConfig } from '../payment.config.js';
import { RefundPace } from './refund-pace.js';

describe('the pace of refunds', () => {
  afterEach(() => vi.useRealTimers());

  it('is slow for a while after WeChat has said "not now", and only then', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const pace = new RefundPace({ refundPause: 2_000 } as PaymentConfig);
    expect(pace.isSlow).toBe(false);
    pace.slowDown();
    vi.advanceTimersByTime(1_999);
    expect(pace.isSlow).toBe(true);
    vi.advanceTimersByTime(1);
    expect(pace.isSlow).toBe(false);
  });
});
