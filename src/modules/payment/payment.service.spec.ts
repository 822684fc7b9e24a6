import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PayClient } from '../../platform/wechat/pay/pay-client.js';
import { WechatRefused, WechatUnavailable } from '../../platform/wechat/wechat-error.js';
import { AskWechat } from './ask-wechat.js';
import type { CapturePayment } from './capture-payment.js';
import { PaymentConfig } from './payment.config.js';
import type { Payment, PaymentRepository } from './payment.repository.js';
import { PaymentService } from './payment.service.js';
import type { PrepayRequests } from './request/prepay-request.js';

const reference = 'N20261122';
const refused = (code: string): WechatRefused => new WechatRefused('test', code, 'm');
const away = new WechatUnavailable('WeChat does not answer');
const capture = { transactionId: '4200001', amountFen: 1, paidAt: new Date() };

interface Wechat {
  readonly prepay?: () => Promise<{ prepayId: string }>;
  readonly query?: () => Promise<{ state: string }>;
  readonly close?: () => Promise<'closed' | 'paid' | 'unknown'>;
}

/** A payment that was started, `WeChat` as told, and what WeChat was asked to close. */
function setUp(wechat: Wechat, payment: Partial<Payment> = {}) {
  const record = { reference, status: 'created', prepayId: null, prepayIdAt: null, ...payment } as Payment;
  const closed: string[] = [];
  const payments = {
    find: async () => ({ ...record, status: now.status }),
    markRequested: async () => true,
    keepPrepayId: async () => now.status === 'created',
    closeUnrequested: async () => false,
    close: async () => true,
    closeAsOf: async () => true,
  } as unknown as PaymentRepository;
  const now = { status: record.status };
  const pay = {
    prepay: async () => ({ prepayId: 'wx-1' }),
    query: async () => ({ state: 'NOTPAY' }),
    clientParams: async (id: string) => id,
    ...wechat,
    close: async () => (closed.push(reference), (await wechat.close?.()) ?? 'closed'),
  } as unknown as PayClient;
  const ask = new AskWechat(payments, pay, { execute: async () => capture } as unknown as CapturePayment);
  const clock = { now: () => new Date() };
  const config = { prepayReuse: 0, pollFirst: 1 } as PaymentConfig;
  const service = new PaymentService(payments, pay, ask, {} as PrepayRequests, config, clock);
  return { service, closed, now };
}

const caught = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

beforeEach(() => {
  vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

describe('a prepay that WeChat refuses', () => {
  const prepay = () => Promise.reject(refused('PARAM_ERROR'));

  it.each<[string, () => Promise<{ state: string }>, Partial<Payment>, object]>([
    [
      'is final once WeChat says that the trade is not paid',
      async () => ({ state: 'NOTPAY' }),
      {},
      { code: 'payment.refused', kind: 'unprocessable' },
    ],
    [
      'is final when it was the first, which leaves no trade',
      () => Promise.reject(refused('ORDER_NOT_EXIST')),
      {},
      { code: 'payment.refused' },
    ],
    ['may be a paid trade', async () => ({ state: 'SUCCESS' }), {}, { code: 'payment.already_captured' }],
    ['may be a closed trade', async () => ({ state: 'CLOSED' }), {}, { code: 'payment.closed' }],
    [
      'is not final while WeChat cannot be asked',
      () => Promise.reject(away),
      {},
      { code: 'payment.undecided', kind: 'unavailable' },
    ],
    [
      'is not final while WeChat refuses to say',
      () => Promise.reject(refused('TRADE_ERROR')),
      {},
      { code: 'payment.undecided' },
    ],
    [
      'is not final when WeChat has forgotten what it prepared',
      () => Promise.reject(refused('ORDER_NOT_EXIST')),
      { prepayId: 'wx-0' },
      { code: 'payment.undecided' },
    ],
  ])('%s', async (_, query, payment, expected) => {
    const { service } = setUp({ prepay, query }, payment);
    expect(await caught(service.start(reference))).toMatchObject(expected);
  });
});

describe('a prepay that fails while the payment is being closed', () => {
  it.each([
    ['whose answer is lost', away],
    ['that is refused', refused('ORDER_CLOSED')],
  ])('leaves no open trade behind, %s', async (_, failure) => {
    const { service, closed, now } = setUp({
      async prepay() {
        now.status = 'closed';
        throw failure;
      },
    });
    expect(await caught(service.start(reference))).toMatchObject({ code: 'payment.closed' });
    expect(closed).toEqual([reference]);
  });

  it('closes nothing while the payment is still wanted', async () => {
    const { service, closed } = setUp({ prepay: () => Promise.reject(away) });
    expect(await caught(service.start(reference))).toBe(away);
    expect(closed).toEqual([]);
  });
});

describe('a refused close of a trade that WeChat has never seen', () => {
  const wechat: Wechat = {
    close: () => Promise.reject(refused('TRADE_ERROR')),
    query: () => Promise.reject(refused('ORDER_NOT_EXIST')),
  };

  it('ends the payment, so that its stock does not stay reserved for ever', async () => {
    expect(await setUp(wechat).service.close(reference)).toEqual({ status: 'closed' });
  });

  it('ends nothing that WeChat gave us a prepay id for', async () => {
    const { service } = setUp(wechat, { prepayId: 'wx-0' });
    expect(await caught(service.close(reference))).toMatchObject({ code: 'payment.undecided' });
  });
});
