import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Payments, Refunds, type RefundIntent } from '../../../src/modules/payment/payment.contract.ts';
import { RefundPace } from '../../../src/modules/payment/refund/refund-pace.ts';
import { RecordRefund } from '../../../src/modules/payment/refund/record-refund.ts';
import { RefundRepository } from '../../../src/modules/payment/refund/refund.repository.ts';
import { SettleRefund } from '../../../src/modules/payment/refund/settle-refund.ts';
import { PayRefunds } from '../../../src/platform/wechat/pay/pay-refunds.ts';
import { RefundRefused, RefundUnknown } from '../../../src/platform/wechat/pay/refund-error.ts';
import type { Refund } from '../../../src/platform/wechat/pay/refund.ts';
import { WechatThrottled, WechatUnavailable } from '../../../src/platform/wechat/wechat-error.ts';
import { startApp, type TestApp } from '../../support/app.ts';

interface Row {
  readonly status: string;
  readonly request: string;
  readonly settledAt: Date | null;
}

let shop: TestApp;
beforeAll(async () => {
  shop = await startApp({ QUEUE_CONSUME: 'false', PAYMENT_REFUND_PAUSE: '50ms' });
});
afterAll(() => shop.stop());
afterEach(() => vi.restoreAllMocks());

/** A payment of 100 yuan that has come in. */
async function captured(): Promise<string> {
  const reference = `N${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  const intent = {
    reference,
    amountFen: 10_000,
    payerOpenid: 'o-1',
    description: '商品',
    expiresAt: new Date(),
  };
  await shop.app.get(Payments).open(intent);
  await shop.database.query(
    `update payments set status = 'captured', transaction_id = $1, captured_at = now() where reference = $1`,
    [reference],
  );
  return reference;
}

const intentOf = (reference: string, n: number | string, amountFen: number): RefundIntent => ({
  refundNo: `${reference}-${n}`,
  reference,
  amountFen,
  reason: '不想要了',
});

const request = (intent: RefundIntent, delayMs?: number): Promise<boolean> =>
  shop.app.get(Refunds).request(intent, delayMs);

async function rowOf({ refundNo }: RefundIntent): Promise<Row> {
  const { rows } = await shop.database.query<Row>(
    'select status, request, settled_at as "settledAt" from refunds where refund_no = $1',
    [refundNo],
  );
  return rows[0]!;
}

async function newsOf({ refundNo }: RefundIntent): Promise<readonly string[]> {
  const { rows } = await shop.database.query<{ status: string }>(
    `select coalesce(payload->>'status', 'requested') as status from outbox
     where payload->>'refundNo' = $1 order by position`,
    [refundNo],
  );
  return rows.map(({ status }) => status);
}

const told = (intent: RefundIntent, status: Refund['status'], change = {}): Refund => ({
  refundId: `wx-${intent.refundNo}`,
  outRefundNo: intent.refundNo,
  outTradeNo: intent.reference,
  status,
  amountFen: intent.amountFen,
  totalFen: 10_000,
  ...change,
});

describe('asking for refunds', () => {
  it('never gives back more than came in, however many ask at once', async () => {
    const reference = await captured();
    const answers = await Promise.allSettled(
      Array.from({ length: 12 }, (_, n) => request(intentOf(reference, n, 1_500))),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
    for (const answer of answers)
      if (answer.status === 'rejected')
        expect(answer.reason).toMatchObject({
          code: 'payment.refund_exceeds_payment',
          details: { refundableFen: 1_000 },
        });
    await request(intentOf(reference, 'rest', 1_000));
    await expect(request(intentOf(reference, 'more', 1))).rejects.toMatchObject({
      details: { refundableFen: 0 },
    });
  });

  it('asks once for one number, however often and at once', async () => {
    const intent = intentOf(await captured(), 1, 6_000);
    const answers = await Promise.all(Array.from({ length: 10 }, () => request(intent)));
    expect(answers.filter(isNew => isNew)).toHaveLength(1);
    expect(await request(intent)).toBe(false);
    expect(await shop.app.get(Refunds).listFor(intent.reference)).toEqual([
      { ...intent, status: 'requested' },
    ]);
    expect(await newsOf(intent)).toEqual(['requested']);
    await expect(request({ ...intent, amountFen: 1 })).rejects.toMatchObject({
      code: 'payment.refund_number_taken',
    });
  });

  it('leaves one that is to wait to the poller, at its time', async () => {
    const intent = intentOf(await captured(), 1, 6_000);
    await request(intent, 3_600_000);
    expect(await newsOf(intent)).toEqual([]);
    const { rows } = await shop.database.query<{ waits: boolean }>(
      `select next_check_at > now() + interval '50 minutes' as waits from refunds where refund_no = $1`,
      [intent.refundNo],
    );
    expect(rows).toEqual([{ waits: true }]);
  });

  it('gives nothing back for money that never came', async () => {
    const reference = await captured();
    await shop.database.query(
      `update payments set status = 'closed', transaction_id = null, captured_at = null where reference = $1`,
      [reference],
    );
    await expect(request(intentOf(reference, 1, 1))).rejects.toMatchObject({ details: { refundableFen: 0 } });
    await expect(request(intentOf('unknown-ref', 1, 1))).rejects.toMatchObject({
      details: { refundableFen: 0 },
    });
  });

  it('counts what WeChat could not pay out: a person may still do it', async () => {
    const reference = await captured();
    const first = intentOf(reference, 1, 6_000);
    await request(first);
    await shop.app.get(RecordRefund).execute(told(first, 'ABNORMAL'));
    await expect(request(intentOf(reference, 2, 6_000))).rejects.toMatchObject({
      details: { refundableFen: 4_000 },
    });
    await shop.app.get(RecordRefund).execute(told(first, 'CLOSED'));
    expect(await request(intentOf(reference, 2, 6_000))).toBe(true);
  });

  it.each([
    ['payments_refunded', 'update payments set refunded_fen = 10001 where reference = $1'],
    ['payments_refunded', 'update payments set refunded_fen = -1 where reference = $1'],
    [
      'payments_refunded_captured',
      `update payments set status = 'closed', transaction_id = null, captured_at = null where reference = $1`,
    ],
    ['refunds_taken', `update refunds set status = 'succeeded', settled_at = now() where reference = $1`],
  ])('is guarded by PostgreSQL against mistakes of ours: %s', async (constraint, sql) => {
    const reference = await captured();
    await request(intentOf(reference, 1, 6_000));
    await expect(shop.database.query(sql, [reference])).rejects.toMatchObject({ constraint });
  });

  it('can give back again what WeChat has closed', async () => {
    const reference = await captured();
    const first = intentOf(reference, 1, 10_000);
    await request(first);
    await shop.app.get(RecordRefund).execute(told(first, 'CLOSED'));
    await request(intentOf(reference, 2, 10_000));
  });

  it('shows how many have not ended, and how old they are', async () => {
    const open = () => shop.app.get(RefundRepository).countOpen();
    const of = async (status: string) => (await open()).find(row => row.status === status);
    await shop.database.query(`update refunds set status = 'closed', settled_at = now()`);
    expect(await open()).toHaveLength(3);
    expect(await of('abnormal')).toEqual({ status: 'abnormal', count: 0, ageSeconds: 0 });
    const intent = intentOf(await captured(), 1, 1_000);
    await request(intent);
    await shop.database.query(`update refunds set created_at = now() - interval '2 h' where refund_no = $1`, [
      intent.refundNo,
    ]);
    expect(await of('requested')).toMatchObject({ count: 1, ageSeconds: expect.closeTo(7_200, -2) });
  });
});

describe('sending a refund', () => {
  const settle = ({ refundNo }: RefundIntent): Promise<void> => shop.app.get(SettleRefund).execute(refundNo);
  const pay = (): PayRefunds => shop.app.get(PayRefunds, { strict: false });
  const refusal = (code: string) => new RefundRefused(code, 'm');

  it('repeats the same bytes until WeChat has taken them, and then only asks', async () => {
    const intent = intentOf(await captured(), 1, 4_000);
    await request(intent);
    const send = vi
      .spyOn(pay(), 'request')
      .mockRejectedValueOnce(new WechatUnavailable('the answer is lost'));
    send.mockResolvedValueOnce(told(intent, 'PROCESSING'));
    const query = vi.spyOn(pay(), 'query').mockResolvedValue(told(intent, 'SUCCESS'));
    await settle(intent);
    expect((await rowOf(intent)).status).toBe('requested');
    await settle(intent);
    expect((await rowOf(intent)).status).toBe('processing');
    await settle(intent);
    await settle(intent);
    expect([send.mock.calls.length, query.mock.calls.length]).toEqual([2, 1]);
    const { request: text, status } = await rowOf(intent);
    expect(send.mock.calls).toEqual([[text], [text]]);
    expect(JSON.parse(text)).toMatchObject({
      out_trade_no: intent.reference,
      out_refund_no: intent.refundNo,
      amount: { refund: 4_000, total: 10_000, currency: 'CNY' },
    });
    expect(status).toBe('succeeded');
  });

  it('believes WeChat that it has the refund when it refuses to take it again', async () => {
    const intent = intentOf(await captured(), 1, 4_000);
    await request(intent);
    vi.spyOn(pay(), 'request').mockRejectedValue(refusal('INVALID_REQUEST'));
    vi.spyOn(pay(), 'query').mockResolvedValue(told(intent, 'SUCCESS'));
    await settle(intent);
    expect((await rowOf(intent)).status).toBe('succeeded');
  });

  it('keeps a refused refund due, under its number', async () => {
    const intent = intentOf(await captured(), 1, 4_000);
    await request(intent);
    const send = vi.spyOn(pay(), 'request').mockRejectedValueOnce(refusal('NOT_ENOUGH'));
    const query = vi.spyOn(pay(), 'query');
    await settle(intent);
    expect((await rowOf(intent)).status).toBe('requested');
    // An empty account says that WeChat has not taken it: asking would only be another failing call.
    expect(query).not.toHaveBeenCalled();
    send.mockResolvedValueOnce(told(intent, 'SUCCESS'));
    await settle(intent);
    expect((await rowOf(intent)).status).toBe('succeeded');
  });
});

describe('a refund that WeChat never takes', () => {
  const settle = ({ refundNo }: RefundIntent): Promise<void> => shop.app.get(SettleRefund).execute(refundNo);
  const pay = (): PayRefunds => shop.app.get(PayRefunds, { strict: false });

  async function refused(code: string): Promise<RefundIntent> {
    const intent = intentOf(await captured(), 1, 10_000);
    await request(intent);
    vi.spyOn(pay(), 'request').mockRejectedValue(new RefundRefused(code, 'm'));
    vi.spyOn(pay(), 'query').mockRejectedValue(new RefundUnknown(intent.refundNo));
    await settle(intent);
    return intent;
  }

  const passTime = ({ refundNo }: RefundIntent) =>
    shop.database.query(`update refunds set refused_at = refused_at - interval '2 h' where refund_no = $1`, [
      refundNo,
    ]);

  it.each(['INVALID_REQUEST', 'RULE_LIMIT', 'USER_ACCOUNT_ABNORMAL'])(
    'ends as closed, and its money can go back otherwise, once WeChat has long said so: %s',
    async code => {
      const intent = await refused(code);
      await settle(intent);
      expect((await rowOf(intent)).status).toBe('requested');
      await passTime(intent);
      await settle(intent);
      await settle(intent);
      expect(await rowOf(intent)).toMatchObject({ status: 'closed', settledAt: expect.any(Date) });
      expect(await newsOf(intent)).toEqual(['requested', 'closed']);
      expect(await request(intentOf(intent.reference, 2, 10_000))).toBe(true);
    },
  );

  it('stays due while WeChat does not say that it has never seen it', async () => {
    const intent = await refused('INVALID_REQUEST');
    await passTime(intent);
    vi.spyOn(pay(), 'query').mockRejectedValue(new WechatUnavailable('away'));
    await settle(intent);
    expect((await rowOf(intent)).status).toBe('requested');
  });

  it('counts only the time that WeChat has refused it for good without a break', async () => {
    const intent = await refused('INVALID_REQUEST');
    await passTime(intent);
    vi.spyOn(pay(), 'request').mockRejectedValue(new RefundRefused('NOT_ENOUGH', 'm'));
    await settle(intent);
    vi.spyOn(pay(), 'request').mockRejectedValue(new RefundRefused('INVALID_REQUEST', 'm'));
    await settle(intent);
    expect((await rowOf(intent)).status).toBe('requested');
  });

  it('makes all others wait when WeChat finds even the question too much', async () => {
    const intent = await refused('INVALID_REQUEST');
    vi.spyOn(pay(), 'query').mockRejectedValue(new WechatThrottled('FREQUENCY_LIMITED', 1));
    const slowDown = vi.spyOn(shop.app.get(RefundPace, { strict: false }), 'slowDown');
    await settle(intent);
    expect(slowDown).toHaveBeenCalledOnce();
  });

  it.each(['NOT_ENOUGH', 'RESOURCE_NOT_EXISTS', 'SOMETHING_NEW'])(
    'stays due when that may change or makes no sense: %s',
    async code => {
      const intent = await refused(code);
      const sql = `update refunds set refused_at = now() - interval '2 h' where refund_no = $1`;
      await shop.database.query(sql, [intent.refundNo]);
      await settle(intent);
      expect((await rowOf(intent)).status).toBe('requested');
    },
  );

  it.each<[Error, boolean]>([
    [new RefundRefused('NOT_ENOUGH', 'm'), true],
    [new WechatThrottled('FREQUENCY_LIMITED', 1), true],
    [new RefundRefused('USER_ACCOUNT_ABNORMAL', 'm'), false],
    [new WechatUnavailable('away'), false],
  ])('makes all others wait exactly when they would hear the same: %s', async (error, waits) => {
    const pace = shop.app.get(RefundPace, { strict: false });
    await vi.waitUntil(() => !pace.isSlow);
    const intent = intentOf(await captured(), 1, 10_000);
    await request(intent);
    vi.spyOn(pay(), 'request').mockRejectedValue(error);
    vi.spyOn(pay(), 'query').mockRejectedValue(new WechatUnavailable('away'));
    const slowDown = vi.spyOn(pace, 'slowDown');
    await settle(intent);
    expect(slowDown.mock.calls.length > 0).toBe(waits);
  });
});

describe('refunds that WeChat has to be asked about', () => {
  const due = (limit: number) =>
    shop.app.get(RefundRepository).claimDue({ firstMs: 60_000, longestMs: 600_000, limit });

  it('are left alone for longer and longer, and never for longer than they may', async () => {
    await shop.database.query(`update refunds set next_check_at = now() + interval '1 day'`);
    const { refundNo, ...intent } = intentOf(await captured(), 1, 1_000);
    await request({ refundNo, ...intent });
    const gapSeconds = async (): Promise<number> => {
      const sql = `update refunds set next_check_at = now() - interval '1 second' where refund_no = $1`;
      await shop.database.query(sql, [refundNo]);
      expect(await due(1)).toEqual([refundNo]);
      const { rows } = await shop.database.query<{ gap: number }>(
        `select ceil(extract(epoch from next_check_at - now()) / 60)::int * 60 as gap from refunds where refund_no = $1`,
        [refundNo],
      );
      return rows[0]!.gap;
    };
    expect([await gapSeconds(), await gapSeconds(), await gapSeconds()]).toEqual([240, 600, 600]);
  });

  it('are taken by one of many pollers, until they have come to a good end', async () => {
    await shop.database.query(`update refunds set next_check_at = now() + interval '1 day'`);
    const intents = await Promise.all(
      ['requested', 'PROCESSING', 'ABNORMAL', 'SUCCESS', 'CLOSED'].map(async status => {
        const intent = intentOf(await captured(), status, 1_000);
        await request(intent);
        if (status !== 'requested')
          await shop.app.get(RecordRefund).execute(told(intent, status as Refund['status']));
        return intent.refundNo;
      }),
    );
    expect(await due(10)).toEqual([]);
    const sql = `update refunds set next_check_at = now() - interval '1 second' where refund_no = any($1)`;
    await shop.database.query(sql, [intents]);
    const claims = await Promise.all(Array.from({ length: 4 }, () => due(1)));
    expect(claims.flat().sort()).toEqual(intents.slice(0, 3).sort());
    expect(await due(10)).toEqual([]);
  });
});

describe('what WeChat says about a refund', () => {
  const record = (refund: Refund): Promise<void> => shop.app.get(RecordRefund).execute(refund);

  it.each<[string, readonly Refund['status'][], string, readonly string[]]>([
    ['a notice before the answer', ['SUCCESS', 'PROCESSING'], 'succeeded', ['succeeded']],
    ['one notice many times', ['SUCCESS', 'SUCCESS', 'SUCCESS'], 'succeeded', ['succeeded']],
    [
      'settled by hand after all',
      ['PROCESSING', 'ABNORMAL', 'SUCCESS'],
      'succeeded',
      ['abnormal', 'succeeded'],
    ],
    ['a late abnormal', ['SUCCESS', 'ABNORMAL', 'CLOSED'], 'succeeded', ['succeeded']],
    ['closed', ['CLOSED', 'SUCCESS'], 'closed', ['closed']],
  ])('is news once: %s', async (_, statuses, status, news) => {
    const intent = intentOf(await captured(), 1, 4_000);
    await request(intent);
    for (const next of statuses) await record(told(intent, next));
    expect(await rowOf(intent)).toMatchObject({ status, settledAt: expect.any(Date) });
    expect(await newsOf(intent)).toEqual(['requested', ...news]);
  });

  it.each([
    ['payment.refund_mismatch', { amountFen: 4_001 }],
    ['payment.refund_mismatch', { totalFen: 9_999 }],
    ['payment.refund_mismatch', { outTradeNo: 'another' }],
    ['payment.refund_not_found', { outRefundNo: 'another' }],
  ])('is not believed when it is about something else: %s %j', async (code, change) => {
    const intent = intentOf(await captured(), 1, 4_000);
    await request(intent);
    await expect(record(told(intent, 'SUCCESS', change))).rejects.toMatchObject({ code });
    expect((await rowOf(intent)).status).toBe('requested');
  });
});
