import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './clock.ts';
import { createCredentials } from './credentials.ts';
import { callPay, control, paymentParams, prepayBody } from './merchant.fake.ts';
import { createSandbox } from './sandbox.ts';

const day = '2026-11-22';
const dayMs = Date.parse(`${day}T00:00:00+08:00`);
let nowMs = dayMs;
const sandbox = createSandbox({ credentials: createCredentials(dayMs), now: () => nowMs });
let openid = '';

beforeAll(async () => {
  await sandbox.listen();
  openid = String((await control(sandbox, 'login-codes', {})).body['openid']);
  await control(sandbox, 'faults', { notify: { lost: true } });
});
beforeEach(() => {
  nowMs = dayMs;
});
afterAll(() => sandbox.close());

async function pay(atMs: number, change: object = {}): Promise<string> {
  nowMs = atMs;
  const body = prepayBody(sandbox.env, openid, { time_expire: undefined, ...change });
  const prepaid = await callPay(sandbox, { path: '/v3/pay/transactions/jsapi', body, nowMs });
  await control(sandbox, 'payments', paymentParams(sandbox.env, prepaid.body['prepay_id']));
  return String(body['out_trade_no']);
}

function ask(query: Readonly<Record<string, string>>, atMs = dayMs + 34 * HOUR_MS) {
  nowMs = atMs;
  return callPay(sandbox, { path: `/v3/bill/tradebill?${new URLSearchParams(query)}`, nowMs });
}

function fetchFile(url: unknown, change: object = {}) {
  const { pathname, search } = new URL(String(url));
  return callPay(sandbox, { path: pathname + search, nowMs, ...change });
}

async function linesOf(type: string): Promise<readonly string[]> {
  const { body } = await ask({ bill_date: day, bill_type: type });
  return (await fetchFile(body['download_url'])).text.split('\r\n');
}

describe('the bill of a day', () => {
  let number: string;
  beforeAll(async () => {
    await pay(dayMs - 1);
    await pay(dayMs + DAY_MS);
    number = await pay(dayMs, { description: '小鱼干, 100 克', attach: 'shelf 7' });
    const amount = { refund: 90, total: 1990, currency: 'CNY' };
    const refund = { out_trade_no: number, out_refund_no: 'R-2026', amount };
    nowMs = dayMs + HOUR_MS;
    await callPay(sandbox, { path: '/v3/refund/domestic/refunds', body: refund, nowMs });
    await control(sandbox, 'refunds', { outRefundNo: 'R-2026', outcome: 'success' });
  });

  it('lists what moved on it in China, newest first, in WeChat’s writing', async () => {
    const [header, refund, payment, totals, sums, end, ...more] = await linesOf('ALL');
    expect(header).toMatch(/^\ufeff交易时间,公众账号ID,.*,申请退款金额,费率备注$/);
    expect(payment).toContain(`\`2026-11-22 00:00:00,\`${sandbox.env['WECHAT_APP_ID']},`);
    expect(payment).toContain(`,\`${number},\`${openid},\`JSAPI,\`SUCCESS,\`OTHERS,\`CNY,\`19.90,`);
    expect(payment).toContain(',`小鱼干, 100 克,`shelf 7,`0.00000,`0.60%,`19.90,`0.00,`');
    expect(refund).toContain('`2026-11-22 01:00:00,');
    expect(refund).toMatch(/,`REFUND,.*,`R-2026,`0\.90,`0\.00,`ORIGINAL,`SUCCESS,.*,`0\.00,`0\.90,`$/);
    expect(totals).toMatch(/^总交易单数,/);
    expect([sums, end, more]).toEqual(['`2,`19.90,`0.90,`0.00,`0.00000,`19.90,`0.90', '', []]);
  });

  it('has only payments or only refunds when asked', async () => {
    expect((await linesOf('SUCCESS')).filter(line => line.includes('`REFUND,'))).toEqual([]);
    expect((await linesOf('REFUND')).filter(line => line.includes('`SUCCESS,`OTHERS'))).toEqual([]);
    expect(await linesOf('SUCCESS')).toHaveLength(5);
    expect(await linesOf('REFUND')).toHaveLength(5);
  });

  it('comes zipped when asked, unsigned, under the hash of what was zipped', async () => {
    const { body } = await ask({ bill_date: day, tar_type: 'GZIP' });
    const file = await fetchFile(body['download_url']);
    const content = gunzipSync(file.bytes);
    expect(content.toString()).toContain(number);
    expect(createHash('sha1').update(content).digest('hex')).toBe(body['hash_value']);
    expect(body['hash_type']).toBe('SHA1');
    expect(file.headers.get('wechatpay-signature')).toBeNull();
  });

  it('is handed out to the merchant alone, for five minutes', async () => {
    const { body } = await ask({ bill_date: day });
    const bent = await fetchFile(body['download_url'], { authorization: { signature: 'AAAA' } });
    expect([bent.status, bent.body['code']]).toEqual([401, 'SIGN_ERROR']);
    const stranger = await fetchFile(`${sandbox.url}/v3/billdownload/file?token=guessed`);
    expect(stranger.body['code']).toBe('INVALID_REQUEST');
    nowMs += 5 * MINUTE_MS;
    expect((await fetchFile(body['download_url'])).body['code']).toBe('INVALID_REQUEST');
  });

  it.each([
    ['its day is not over', day, 23 * HOUR_MS, 'INVALID_REQUEST'],
    ['it is being made', day, 33 * HOUR_MS, 'STATEMENT_CREATING'],
    ['it is four months old', day, 120 * DAY_MS, 'INVALID_REQUEST'],
    ['nothing moved', '2026-11-20', 34 * HOUR_MS, 'NO_STATEMENT_EXIST'],
    ['there is no such day', '2026-02-30', 34 * HOUR_MS, 'PARAM_ERROR'],
    ['the day is written otherwise', '20261122', 34 * HOUR_MS, 'PARAM_ERROR'],
  ])('is refused while %s', async (_, date, laterMs, code) => {
    const answer = await ask({ bill_date: date }, dayMs + laterMs);
    expect([answer.status, answer.body['code']]).toEqual([400, code]);
  });

  it.each([
    ['bill_type', 'SOME'],
    ['tar_type', 'ZIP'],
  ])('is refused with the %s %s', async (field, value) => {
    const answer = await ask({ bill_date: day, [field]: value });
    expect(answer.body).toMatchObject({ code: 'PARAM_ERROR', detail: { field, location: 'query' } });
  });

  it('can be had at once under a fault plan', async () => {
    await control(sandbox, 'faults', { notify: { lost: true }, billsAtOnce: true });
    expect((await ask({ bill_date: day }, dayMs + 2 * HOUR_MS)).status).toBe(200);
    expect((await ask({ bill_date: '2026-11-24' }, dayMs + 2 * HOUR_MS)).status).toBe(400);
  });
});
