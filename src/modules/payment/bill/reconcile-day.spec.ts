import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Transactor } from '../../../platform/database/transactor.js';
import { BillNotReady } from '../../../platform/wechat/pay/bill-error.js';
import type { PayBills } from '../../../platform/wechat/pay/pay-bills.js';
import type { BillRow } from '../../../platform/wechat/pay/trade-bill.js';
import type { WechatConfig } from '../../../platform/wechat/wechat.config.js';
import { WechatRefused, WechatUnavailable } from '../../../platform/wechat/wechat-error.js';
import type { CheckAgain } from './check-again.js';
import type { OurEntryRepository } from './our-entry.repository.js';
import { ReconcileDay } from './reconcile-day.js';
import type { ReconciliationRepository } from './reconciliation.repository.js';

const turn = { date: '2026-11-23', turn: 1 };
const row: BillRow = {
  kind: 'payment',
  at: new Date('2026-11-23T02:00:00Z'),
  appId: 'wx1',
  transactionId: '4200001',
  outTradeNo: 'N20261123',
  payerOpenid: 'o-1',
  amountFen: 1_990,
};

/** A day of which we know nothing, and WeChat what `download` says. */
function setUp(download: () => Promise<readonly BillRow[]>) {
  const reconciliations = {
    keep: vi.fn<ReconciliationRepository['keep']>(async () => true),
    giveUp: vi.fn<ReconciliationRepository['giveUp']>(async () => undefined),
  };
  const none = async (): Promise<readonly []> => [];
  const ours = {
    listExpected: none,
    findPayments: none,
    findRefunds: none,
    markBilled: async () => undefined,
  };
  const day = new ReconcileDay(
    { download } as unknown as PayBills,
    ours as unknown as OurEntryRepository,
    reconciliations as unknown as ReconciliationRepository,
    { makeDue: async () => undefined, askAboutClosed: async () => undefined } as unknown as CheckAgain,
    { run: (work: () => Promise<boolean>) => work() } as unknown as Transactor,
    { appId: 'wx1' } as WechatConfig,
  );
  return { day, ...reconciliations };
}

describe('comparing a day', () => {
  const logged = (level: 'log' | 'warn' | 'error') => vi.mocked(Logger.prototype[level]).mock.calls.length;
  beforeEach(() => {
    for (const level of ['log', 'warn', 'error'] as const)
      vi.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
  });
  afterEach(() => vi.restoreAllMocks());

  it('raises an alarm when it differs', async () => {
    const { day, keep } = setUp(async () => [row]);
    await day.execute(turn);
    expect(keep.mock.calls[0]![1].differences).toMatchObject([{ kind: 'missing_here', number: 'N20261123' }]);
    expect(logged('error')).toBe(1);
  });

  it('does not miss the sales of another mini-program of the same merchant', async () => {
    const { day, keep } = setUp(async () => [{ ...row, appId: 'wx2' }]);
    await day.execute(turn);
    expect(keep.mock.calls[0]![1]).toMatchObject({ differences: [], there: { payment: { count: 0 } } });
    expect(logged('error')).toBe(0);
  });

  it.each<[string, Error, boolean, number]>([
    ['is not ready', new BillNotReady(turn.date), false, 0],
    ['cannot be had now', new WechatUnavailable('away'), false, 1],
    ['does not exist', new WechatRefused('bill', 'INVALID_REQUEST', 'm'), true, 1],
  ])('says why there is no result when the bill %s', async (_, error, isFinal, warnings) => {
    const { day, keep, giveUp } = setUp(() => Promise.reject(error));
    await day.execute(turn);
    expect(giveUp.mock.calls).toEqual([[turn, error.message, isFinal]]);
    expect([keep.mock.calls.length, logged('warn')]).toEqual([0, warnings]);
  });
});
