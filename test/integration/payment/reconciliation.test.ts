import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { beijingDayOf, boundsOf } from '../../../src/kernel/beijing-time.ts';
import type { KeptComparison, KeptDifference } from '../../../src/modules/payment/bill/bill-report.ts';
import { OurEntryRepository } from '../../../src/modules/payment/bill/our-entry.repository.ts';
import { ReconciliationRepository } from '../../../src/modules/payment/bill/reconciliation.repository.ts';
import { Refunds } from '../../../src/modules/payment/payment.contract.ts';
import { ManagementServer } from '../../../src/platform/http/management.server.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods } from '../../support/goods.ts';
import { refundsOf } from '../../support/refunds.ts';
import { sandboxFaults, Shopper } from '../../support/shopper.ts';
import { until } from '../../support/until.ts';
import { startWechat, type Wechat } from '../../support/wechat.ts';

const script = join(import.meta.dirname, '../../../dist/modules/payment/bill/reconcile.js');

/** The goods of `stockGoods`, and their freight. */
const paidFen = 2_790;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(shop: TestApp, ...args: readonly string[]): Promise<Outcome> {
  return new Promise(resolve => {
    const options = { env: { ...process.env, ...shop.env } };
    execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

interface Paid {
  readonly number: string;
  /** Of the payment, in Beijing. */
  readonly date: string;
}

async function capturedAt(shop: TestApp, number: string): Promise<Date | null> {
  const { rows } = await shop.database.query<{ at: Date | null }>(
    'select captured_at as at from payments where reference = $1',
    [number],
  );
  return rows[0]!.at;
}

async function sell(shop: TestApp, shopper: Shopper): Promise<Paid> {
  const { skuId } = await stockGoods(shop.database);
  const { id, number } = await shopper.order(skuId);
  await shopper.pay(id);
  const at = await until('the payment is captured', async () => (await capturedAt(shop, number)) ?? false);
  return { number, date: beijingDayOf(at) };
}

/** 9.9 yuan go back; resolves when WeChat has said so. */
async function giveBack(shop: TestApp, { number }: Paid): Promise<string> {
  const refundNo = `${number}-1`;
  await shop.app.get(Refunds).request({ refundNo, reference: number, amountFen: 990, reason: '不想要了' });
  await until(
    'the refund is settled',
    async () => (await refundsOf(shop, number))[0]?.status === 'succeeded',
  );
  return refundNo;
}

describe('a day beside WeChat’s bill of it', () => {
  let wechat: Wechat;
  let shop: TestApp;
  let shopper: Shopper;
  beforeAll(async () => {
    wechat = await startWechat({ refundDelayMs: 0 });
    shop = await startApp({ ...wechat.env, PAYMENT_POLL_INTERVAL: '50ms' });
    await sandboxFaults(shop, { billsAtOnce: true });
    shopper = await Shopper.login(shop);
  });
  afterAll(async () => {
    await shop.stop();
    await wechat.stop();
  });

  /** What differs of one order: the others of the day are other tests'. */
  async function differencesOf({ number, date }: Paid): Promise<readonly KeptDifference[]> {
    const { code, stdout, stderr } = await run(shop, '--date', date, '--json');
    expect([stderr, code]).toEqual(['', expect.any(Number)]);
    const { differences, differenceCount } = JSON.parse(stdout) as KeptComparison;
    expect([code, differences.length]).toEqual([differenceCount > 0 ? 1 : 0, differenceCount]);
    return differences.filter(it => it.number.startsWith(number));
  }

  it('agrees after sales and a refund, and the command says so with 0', async () => {
    const sold = await sell(shop, shopper);
    await giveBack(shop, await sell(shop, shopper));
    const { code, stdout } = await run(shop, '--date', sold.date);
    expect(stdout).toContain('no differences');
    expect(stdout).toMatch(/payments {2}here +(\d+ = +\d+) fen {2}WeChat +\1 fen\n/);
    expect(stdout).toMatch(/refunds {3}here +1 = +990 fen {2}WeChat +1 = +990 fen\n/);
    expect(code).toBe(0);
  });

  it('shows money that WeChat took and nobody here knows of, to the alarm too', async () => {
    const sold = await sell(shop, shopper);
    await shop.database.query('delete from payments where reference = $1', [sold.number]);
    expect(await differencesOf(sold)).toMatchObject([
      {
        kind: 'missing_here',
        movement: 'payment',
        here: null,
        there: { amountFen: paidFen, status: 'SUCCESS' },
      },
    ]);
    const { code, stdout } = await run(shop, '--date', sold.date);
    expect([code, stdout]).toEqual([1, expect.stringContaining(`payment ${sold.number}: missing here`)]);
    const url = `http://127.0.0.1:${shop.app.get(ManagementServer).port}/metrics`;
    const metrics = await (await fetch(url)).text();
    expect(metrics).toMatch(/^payment_reconciliation_differences [1-9]/m);
    expect(metrics).toMatch(/^payment_reconciliations_pending 0$/m);
  });

  it('shows a capture that was lost here, and has WeChat asked for it at once', async () => {
    const sold = await sell(shop, shopper);
    await shop.database.query(
      `update payments set status = 'created', transaction_id = null, captured_at = null,
         next_check_at = now() + interval '1 day' where reference = $1`,
      [sold.number],
    );
    expect(await differencesOf(sold)).toMatchObject([
      { kind: 'status_differs', here: { status: 'created' }, there: { status: 'SUCCESS' } },
    ]);
    await until('it is captured again', async () => (await capturedAt(shop, sold.number)) !== null);
    expect(await differencesOf(sold)).toEqual([]);
  });

  it('shows money that came after all for a payment that is closed here, and has WeChat asked for it at once', async () => {
    const sold = await sell(shop, shopper);
    await shop.database.query(
      `update payments set status = 'closed', closed_at = now(), transaction_id = null, captured_at = null
       where reference = $1`,
      [sold.number],
    );
    expect(await differencesOf(sold)).toMatchObject([
      { kind: 'status_differs', here: { status: 'closed' }, there: { status: 'SUCCESS' } },
    ]);
    await until('it is captured', async () => (await capturedAt(shop, sold.number)) !== null);
    expect(await differencesOf(sold)).toEqual([]);
  });

  it('shows a payment of which the amount was changed here', async () => {
    const sold = await sell(shop, shopper);
    await shop.database.query('update payments set amount_fen = 1 where reference = $1', [sold.number]);
    expect(await differencesOf(sold)).toMatchObject([
      { kind: 'amount_differs', here: { amountFen: 1 }, there: { amountFen: paidFen } },
    ]);
  });

  it('shows a payment that WeChat does not have', async () => {
    const number = `N${newId().replaceAll('-', '').slice(0, 24)}`;
    const [from] = boundsOf(beijingDayOf(new Date()));
    await shop.database.query(
      `insert into payments (id, reference, amount_fen, payer_openid, prepay_request, status, transaction_id, captured_at)
       values ($1, $2, 1, 'o', '{}', 'captured', $2, $3)`,
      [newId(), number, from],
    );
    expect(await differencesOf({ number, date: beijingDayOf(from) })).toMatchObject([
      { kind: 'missing_there', here: { amountFen: 1, status: 'captured' }, there: null },
    ]);
  });

  it('shows a refund that nobody here knows of, such as one made by hand', async () => {
    const sold = await sell(shop, shopper);
    const refundNo = await giveBack(shop, sold);
    await shop.database.query('delete from refunds where refund_no = $1', [refundNo]);
    expect(await differencesOf(sold)).toMatchObject([
      { kind: 'missing_here', movement: 'refund', number: refundNo, there: { amountFen: 990 } },
    ]);
  });

  it('shows a refund of which the end was lost here, and has WeChat asked for it at once', async () => {
    const sold = await sell(shop, shopper);
    await giveBack(shop, sold);
    await shop.database.query(
      `update refunds set status = 'processing', settled_at = null, next_check_at = now() + interval '1 day'
       where reference = $1`,
      [sold.number],
    );
    expect(await differencesOf(sold)).toMatchObject([
      { kind: 'status_differs', here: { status: 'processing' } },
    ]);
    await until(
      'it is settled again',
      async () => (await refundsOf(shop, sold.number))[0]?.status === 'succeeded',
    );
    expect(await differencesOf(sold)).toEqual([]);
  });

  it('does not expect in this bill a refund that an earlier one has listed', async () => {
    const sold = await sell(shop, shopper);
    const refundNo = await giveBack(shop, sold);
    expect(await differencesOf(sold)).toEqual([]);
    const ours = shop.app.get(OurEntryRepository);
    const tomorrow = beijingDayOf(boundsOf(sold.date)[1]);
    await shop.database.query('update refunds set settled_at = $2 where refund_no = $1', [
      refundNo,
      boundsOf(tomorrow)[0],
    ]);
    const expected = async (): Promise<readonly string[]> =>
      (await ours.listExpected(tomorrow)).map(({ number }) => number);
    expect(await expected()).not.toContain(refundNo);
    await shop.database.query('update refunds set billed_on = null where refund_no = $1', [refundNo]);
    expect(await expected()).toContain(refundNo);
  });

  it('counts a payment of the last second to its day, whenever it was noticed', async () => {
    const sold = await sell(shop, shopper);
    const [from, until] = boundsOf('2026-03-01');
    const daysWith = async (at: number): Promise<readonly string[]> => {
      await shop.database.query('update payments set captured_at = $2 where reference = $1', [
        sold.number,
        new Date(at),
      ]);
      const ours = shop.app.get(OurEntryRepository);
      const days = ['2026-02-28', '2026-03-01', '2026-03-02'];
      const entries = await Promise.all(days.map(day => ours.listExpected(day)));
      return days.filter((_, index) => entries[index]!.some(({ number }) => number === sold.number));
    };
    expect(await daysWith(until.getTime() - 1_000)).toEqual(['2026-03-01']);
    expect(await daysWith(until.getTime())).toEqual(['2026-03-02']);
    expect(await daysWith(from.getTime() - 1)).toEqual(['2026-02-28']);
    // And the bill of today, which lists it, still finds it.
    expect(await differencesOf(sold)).toEqual([]);
  });
});

describe('a day without a result', () => {
  let wechat: Wechat;
  let shop: TestApp;
  const yesterday = beijingDayOf(new Date(Date.now() - 24 * 3_600_000));
  beforeAll(async () => {
    wechat = await startWechat();
    shop = await startApp(wechat.env);
  });
  afterAll(async () => {
    await shop.stop();
    await wechat.stop();
  });

  const billFails = (status: number, code: string): Promise<void> =>
    sandboxFaults(shop, { pay: { path: '/v3/bill/tradebill', status, code } });

  it('is tried again when its bill is not ready, and the command says so', async () => {
    await billFails(400, 'STATEMENT_CREATING');
    const { code, stdout, stderr } = await run(shop, '--date', yesterday);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^the bill of \S+ is not ready; it is tried again at \S+\n$/);
    await sandboxFaults(shop, {
      pay: { path: '/v3/bill/tradebill', status: 400, code: 'NO_STATEMENT_EXIST' },
    });
    const again = await run(shop, '--date', yesterday, '--json');
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({
      date: yesterday,
      there: { payment: { count: 0, amountFen: 0 } },
      differences: [],
    });
  });

  it('is not tried again when WeChat has no such bill', async () => {
    await sandboxFaults(shop, {});
    const { code, stderr } = await run(shop, '--date', '2020-01-01');
    expect(code).toBe(2);
    expect(stderr).toMatch(/INVALID_REQUEST .*\n$/);
    expect(stderr).not.toContain('tried again');
  });

  it.each([
    ['no date', [], 'usage: reconcile'],
    ['a date that is none', ['--date', '2026-02-30'], 'usage: reconcile'],
    ['a day that has not begun', ['--date', '2999-01-01'], '2999-01-01 has not begun in Beijing'],
    ['an option it does not know', ['--date', yesterday, '--force'], '--force'],
  ])('is refused for %s, in words and without a stack', async (_, args, message) => {
    const { code, stdout, stderr } = await run(shop, ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('days that are due', () => {
  let shop: TestApp;
  let days: ReconciliationRepository;
  const hourMs = 3_600_000;
  const day = (ago: number): string => beijingDayOf(new Date(Date.now() - ago * 24 * hourMs));
  const nothing = { payment: { count: 0, amountFen: 0 }, refund: { count: 0, amountFen: 0 } };
  const agrees = { here: nothing, there: nothing, differences: [] };
  beforeAll(async () => {
    shop = await startApp({ QUEUE_CONSUME: 'false' });
    days = shop.app.get(ReconciliationRepository);
    await shop.database.query(
      `insert into payments (id, reference, amount_fen, payer_openid, prepay_request, created_at)
       values ($1, 'N20261120', 1, 'o', '{}', now() - interval '3 days')`,
      [newId()],
    );
  });
  afterAll(() => shop.stop());

  it('are those since the first payment, each for one of many processes, and once', async () => {
    await Promise.all(Array.from({ length: 5 }, () => days.schedule(0, 60_000)));
    const turns = await Promise.all(Array.from({ length: 8 }, () => days.claimDue(60_000)));
    const claimed = turns.flatMap(turn => (turn ? [turn] : []));
    expect(claimed.map(({ date }) => date).toSorted()).toEqual([day(3), day(2), day(1)]);
    for (const turn of claimed) expect(await days.keep(turn, agrees)).toBe(true);
    await days.schedule(0, 60_000);
    expect(await days.claimDue(60_000)).toBeNull();
    expect(await days.standing()).toEqual({ differences: 0, pending: 0 });
  });

  const ended = (ago: number, at: Date, comparedAt: Date | null): Promise<unknown> =>
    shop.database.query(
      `insert into reconciliations (date, ended_at, compared_at, here, there, differences, difference_count)
       values ($1, $2, $3, $4, $4, $4, $5)`,
      comparedAt ? [day(ago), at, comparedAt, '[]', 0] : [day(ago), at, null, null, null],
    );

  it('are due again when they were compared before their bill was there, or have no result yet', async () => {
    await shop.database.query('delete from reconciliations');
    const [now, early] = [new Date(), boundsOf(day(1))[0]];
    await ended(1, early, early);
    await ended(2, new Date(now.getTime() - hourMs), null);
    await ended(3, now, null);
    await days.schedule(0, 60_000);
    expect((await days.claimDue(60_000))?.date).toBe(day(2));
    expect((await days.claimDue(60_000))?.date).toBe(day(1));
    expect(await days.claimDue(60_000)).toBeNull();
    // The third waits for its next try, and nobody is told that all is well.
    expect(await days.standing()).toMatchObject({ pending: 3 });
  });

  it('come again when the process that took one is gone, whose late result no longer counts', async () => {
    await shop.database.query('delete from reconciliations');
    await days.schedule(0, 60_000);
    const first = await days.claimDue(0);
    const second = await days.claimDue(60_000);
    expect(second).toMatchObject({ date: first!.date });
    expect(await days.keep(first!, agrees)).toBe(false);
    expect(await days.keep(second!, agrees)).toBe(true);
  });

  it('wait for a shop that works on them, as the command says', async () => {
    const { code, stderr } = await run(shop, '--date', day(1));
    expect([code, stderr]).toEqual([2, expect.stringContaining('one must be running')]);
  });
});

describe('the days of a shop that was away', () => {
  it('are compared by themselves, and the result is kept', async () => {
    const wechat = await startWechat();
    const shop = await startApp({ ...wechat.env, PAYMENT_BILL_AFTER: '0', PAYMENT_BILL_INTERVAL: '50ms' });
    await sandboxFaults(shop, { billsAtOnce: true });
    await shop.database.query(
      `insert into payments (id, reference, amount_fen, payer_openid, prepay_request, status, transaction_id,
         captured_at, created_at)
       values ($1, 'N20261120', 5, 'o', '{}', 'captured', 't', now() - interval '48 h', now() - interval '48 h')`,
      [newId()],
    );
    const counts = await until('both days are compared', async () => {
      const { rows } = await shop.database.query<{ count: number | null }>(
        'select difference_count as count from reconciliations order by date',
      );
      return rows.length === 2 && rows.every(({ count }) => count !== null) && rows.map(({ count }) => count);
    });
    expect(counts).toEqual([1, 0]);
    await shop.stop();
    await wechat.stop();
  });
});
