import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PayClient } from '../../platform/wechat/pay/pay-client.js';
import { WechatRefused } from '../../platform/wechat/wechat-error.js';
import { AskWechat } from './ask-wechat.js';
import type { CapturePayment } from './capture-payment.js';
import type { PaymentRepository } from './payment.repository.js';

const reference = 'N20261122';

/** WeChat answers the close with `answer`, and every query with a trade in `state`. */
function askWechat(answer: 'closed' | 'paid' | 'unknown' | Error, state = 'NOTPAY'): AskWechat {
  const pay = {
    close: async () => (answer instanceof Error ? Promise.reject(answer) : answer),
    query: async () => ({ state }),
  };
  const capture = { transactionId: '4200001' };
  return new AskWechat(
    { close: async () => true } as unknown as PaymentRepository,
    pay as unknown as PayClient,
    { execute: async () => capture } as unknown as CapturePayment,
  );
}

const caught = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe('closing a payment at WeChat', () => {
  afterEach(() => vi.restoreAllMocks());

  it('is done when WeChat has never heard of it and never gave us a prepay id', async () => {
    expect(await askWechat('unknown').close({ reference, prepayId: null })).toEqual({ status: 'closed' });
  });

  it('is not done when WeChat has never heard, it says, of what it gave us a prepay id for: an alarm', async () => {
    const alarm = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const error = await caught(askWechat('unknown').close({ reference, prepayId: 'wx-prepay' }));
    expect(error).toMatchObject({ code: 'payment.undecided' });
    expect(alarm).toHaveBeenCalledOnce();
  });

  it('finds out what was paid instead', async () => {
    const outcome = await askWechat('paid', 'SUCCESS').close({ reference, prepayId: 'wx-prepay' });
    expect(outcome).toMatchObject({ status: 'captured', capture: { transactionId: '4200001' } });
  });

  it.each([
    ['CLOSED', { status: 'closed' }],
    ['NOTPAY', { code: 'payment.undecided' }],
  ])('relies on the state %s when WeChat refuses', async (state, expected) => {
    vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const refused = new WechatRefused('close', 'TRADE_ERROR', 'm');
    const outcome = await caught(askWechat(refused, state).close({ reference, prepayId: null }));
    expect(outcome).toMatchObject(expected);
  });
});
