import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { Drain } from '../../lifecycle/drain.js';
import { PayBills } from './pay-bills.js';
import { BillWire } from './pay-wire.js';
import { refusal, signed, startPay } from './pay.fixture.js';
import type { WechatConfig } from '../wechat.config.js';
import { BillHttp } from '../wechat-http.js';
import { caught, inTurn, type StubAnswer, type StubHandler } from '../wechat.fixture.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function setUp(handler: StubHandler, overrides: Partial<WechatConfig> = {}) {
  const { config, clock, api, metrics, requests, close } = await startPay(handler, overrides);
  const http = new BillHttp(config, new Drain());
  cleanups.push(close, () => http.onApplicationShutdown());
  return { bills: new PayBills(config, api, new BillWire(config, http, clock), metrics), requests };
}

const names =
  '交易时间,公众账号ID,微信订单号,商户订单号,用户标识,交易状态,订单金额,微信退款单号,商户退款单号,申请退款金额,退款状态';
const row = '`2026-11-22 00:30:00,`wx1,`4200001,`N20261122,`o-1,`SUCCESS,`19.99,`0,`0,`0.00,`\r\n';
const csv = (rows = 1) => Buffer.from(`\ufeff${names}\r\n${row.repeat(rows)}总交易单数\r\n\`${rows}\r\n`);

const hashOf = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex');

function offer(content: Buffer, changes: object = {}): StubAnswer {
  const download_url = 'https://api.mch.weixin.qq.com/v3/billdownload/file?token=a%2Bb';
  return signed(JSON.stringify({ hash_type: 'SHA1', hash_value: hashOf(content), download_url, ...changes }));
}

/** Unsigned, as WeChat Pay's files are; not squeezed, so that a large one is large on the way too. */
const file = (content: Buffer | string): StubAnswer => ({
  status: 200,
  body: typeof content === 'string' ? content : gzipSync(content, { level: 0 }),
});

function pay(offered: StubAnswer, download: StubHandler): StubHandler {
  return request => (request.path.startsWith('/v3/bill/') ? offered : download(request));
}

describe('a day’s bill', () => {
  it('is asked for, fetched and read, each request signed', async () => {
    const { bills, requests } = await setUp(pay(offer(csv()), () => file(csv())));
    expect(await bills.download('2026-11-22')).toMatchObject([{ outTradeNo: 'N20261122', amountFen: 1999 }]);
    expect(requests.map(({ path }) => path)).toEqual([
      '/v3/bill/tradebill?bill_date=2026-11-22&bill_type=ALL&tar_type=GZIP',
      '/v3/billdownload/file?token=a%2Bb',
    ]);
    for (const { headers } of requests) expect(headers.authorization).toContain('signature=');
  });

  it('may be larger than any other answer', async () => {
    const large = csv(20_000);
    expect(large.length).toBeGreaterThan(1024 * 1024);
    const { bills } = await setUp(
      pay(offer(large), () => file(large)),
      { billTimeout: 20_000 },
    );
    expect(await bills.download('2026-11-22')).toHaveLength(20_000);
  });

  it.each<[string, StubAnswer | 'cut']>([
    ['is cut off', 'cut'],
    ['is not zipped as asked', file(csv().toString())],
    ['is another file', file(csv(2))],
    ['is an outage', refusal(502, 'SERVICE_UNAVAILABLE')],
  ])('is fetched once more when the file %s', async (_, failure) => {
    const { bills, requests } = await setUp(pay(offer(csv()), inTurn(failure, file(csv()))));
    expect(await bills.download('2026-11-22')).toHaveLength(1);
    expect(requests).toHaveLength(3);
  });

  it('is not believed when the file never has the hash that WeChat Pay has signed', async () => {
    const { bills } = await setUp(pay(offer(csv(2)), () => file(csv())));
    expect(await caught(bills.download('2026-11-22'))).toMatchObject({ code: 'wechat.unavailable' });
  });

  it('is not believed when the hash itself is not signed, or of a kind we cannot check', async () => {
    const { body } = offer(csv());
    const unsigned = await setUp(pay({ status: 200, body }, () => file(csv())));
    expect(await caught(unsigned.bills.download('2026-11-22'))).toMatchObject({
      code: 'wechat.signature_invalid',
    });
    const other = await setUp(pay(offer(csv(), { hash_type: 'MD5' }), () => file(csv())));
    expect(await caught(other.bills.download('2026-11-22'))).toMatchObject({ code: 'wechat.unavailable' });
  });

  it('does not hang with the file, though it has a time of its own', async () => {
    const { bills } = await setUp(
      pay(offer(csv()), () => null),
      { billTimeout: 100, requestTimeout: 20_000 },
    );
    expect(await caught(bills.download('2026-11-22'))).toMatchObject({
      code: 'wechat.unavailable',
      cause: { name: 'TimeoutError' },
    });
  });

  it('is empty when nothing has moved', async () => {
    const { bills } = await setUp(() => refusal(400, 'NO_STATEMENT_EXIST'));
    expect(await bills.download('2026-11-22')).toEqual([]);
  });

  it.each([
    [400, 'STATEMENT_CREATING', { kind: 'unavailable', code: 'wechat.bill_not_ready' }],
    [400, 'INVALID_REQUEST', { code: 'wechat.refused' }],
    [429, 'FREQUENCY_LIMITED', { code: 'wechat.throttled' }],
  ])('says by %i %s whether to come again', async (status, errcode, expected) => {
    const { bills } = await setUp(() => refusal(status, errcode));
    expect(await caught(bills.download('2026-11-22'))).toMatchObject(expected);
  });
});
