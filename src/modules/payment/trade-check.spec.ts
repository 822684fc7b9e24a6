import { describe, expect, it } from 'vitest';
import type { Trade } from '../../platform/wechat/pay/trade.js';
import { captureOf, isPaid } from './trade-check.js';

const expected = { appId: 'wx1', mchId: '19', amountFen: 1999, payerOpenid: 'o-1' };
const paid: Trade = {
  appId: 'wx1',
  mchId: '19',
  outTradeNo: 'N20261122',
  transactionId: '4200001',
  state: 'SUCCESS',
  amountFen: 1999,
  currency: 'CNY',
  payerOpenid: 'o-1',
  successTime: new Date('2026-11-22T08:00:00Z'),
};
const now = new Date('2026-11-22T09:00:00Z');

describe('what a paid trade proves', () => {
  it('is the capture of this payment', () => {
    expect(captureOf(paid, expected, now)).toEqual({
      transactionId: '4200001',
      amountFen: 1999,
      paidAt: paid.successTime,
    });
  });

  it.each<[string, Partial<Trade>]>([
    ['trade_state', { state: 'NOTPAY' }],
    ['appid', { appId: 'wx2' }],
    ['mchid', { mchId: '20' }],
    ['amount', { amountFen: 1998 }],
    ['amount', { amountFen: undefined }],
    ['currency', { currency: 'USD' }],
    ['payer', { payerOpenid: 'o-2' }],
    ['payer', { payerOpenid: undefined }],
    ['transaction_id', { transactionId: undefined }],
  ])('is nothing when %s differs: %j', (field, difference) => {
    const check = () => captureOf({ ...paid, ...difference }, expected, now);
    expect(check).toThrow(`differs from our payment in: ${field}`);
  });

  it('was paid now, by our own clock, when WeChat does not say when', () => {
    expect(captureOf({ ...paid, successTime: undefined }, expected, now).paidAt).toBe(now);
  });

  it('still counts as paid after some of it went back', () => {
    expect([isPaid({ ...paid, state: 'REFUND' }), isPaid({ ...paid, state: 'CLOSED' })]).toEqual([
      true,
      false,
    ]);
  });
});
