import { X509Certificate } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCredentials } from './credentials.ts';
import type { Delivery } from './delivery.ts';
import { callPay, control, paymentParams, prepayBody } from './merchant.fake.ts';
import { createSandbox } from './sandbox.ts';
import { isSigned, openShop, unseal } from './shop.fake.ts';

const credentials = createCredentials(Date.now());
const sandbox = createSandbox({ credentials, retryFactor: 0.001 });
const cleanups: (() => void)[] = [];

beforeAll(async () => {
  await sandbox.listen();
});
afterEach(async () => {
  await control(sandbox, 'faults', {});
  for (const cleanup of cleanups.splice(0)) cleanup();
});
afterAll(() => sandbox.close());

async function shop(answer?: Parameters<typeof openShop>[0]) {
  const opened = await openShop(answer);
  cleanups.push(opened.close);
  return opened;
}

async function pay(
  notifyUrl: string,
  change: object = { waitForNotify: true },
  at = sandbox,
): Promise<string> {
  const { body: login } = await control(at, 'login-codes', {});
  const body = prepayBody(at.env, String(login['openid']), { notify_url: notifyUrl });
  const { body: answer } = await callPay(at, { path: '/v3/pay/transactions/jsapi', body });
  await control(at, 'payments', { ...paymentParams(at.env, answer['prepay_id']), ...change });
  return String(body['out_trade_no']);
}

async function deliveriesOf(outTradeNo: string, at = sandbox): Promise<Delivery[]> {
  const { body } = await control(at, 'notifications');
  return (body['items'] as Delivery[]).filter(delivery => delivery.outTradeNo === outTradeNo);
}

function plain(notice: { body: { resource: Parameters<typeof unseal>[1] } } | undefined) {
  if (!notice) throw new Error('no notice');
  const key = sandbox.env['WECHAT_PAY_API_V3_KEY'] ?? '';
  return JSON.parse(unseal(key, notice.body.resource)) as Record<string, unknown>;
}

describe('a notice', () => {
  it('tells of the payment, sealed and signed by the public-key-mode key', async () => {
    const { notifyUrl, received } = await shop();
    const outTradeNo = await pay(notifyUrl);
    const [notice] = received;
    expect(notice?.body).toMatchObject({
      event_type: 'TRANSACTION.SUCCESS',
      resource_type: 'encrypt-resource',
    });
    expect(notice?.headers['wechatpay-serial']).toBe(sandbox.env['WECHAT_PAY_PUBLIC_KEY_ID']);
    const key = sandbox.env['WECHAT_PAY_PUBLIC_KEY'] ?? '';
    expect(notice && isSigned(notice.headers, notice.raw, key)).toBe(true);
    expect(plain(notice)).toMatchObject({
      out_trade_no: outTradeNo,
      trade_state: 'SUCCESS',
      payer: { openid: expect.any(String) },
    });
  });

  it('is signed by the platform certificate when told', async () => {
    await control(sandbox, 'faults', { notify: { keyMode: 'certificate' } });
    const { notifyUrl, received } = await shop();
    await pay(notifyUrl);
    const certificate = new X509Certificate(credentials.certificate);
    const key = certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const [notice] = received;
    expect(notice?.headers['wechatpay-serial']).toBe(certificate.serialNumber);
    expect(notice && isSigned(notice.headers, notice.raw, key)).toBe(true);
  });

  it('comes again under the same id until it is acknowledged, then never more', async () => {
    const { notifyUrl, received } = await shop(all => [500, 302, 404, 200][all.length - 1] ?? 500);
    const outTradeNo = await pay(notifyUrl);
    await vi.waitFor(() => expect(received).toHaveLength(4), 5000);
    await vi.waitFor(async () => {
      const statuses = (await deliveriesOf(outTradeNo)).map(({ attempt, status }) => [attempt, status]);
      expect(statuses).toEqual([
        [1, 500],
        [2, 302],
        [3, 404],
        [4, 200],
      ]);
    }, 5000);
    expect(new Set(received.map(notice => notice.body.id)).size).toBe(1);
    expect(new Set(received.map(notice => notice.headers['wechatpay-nonce'])).size).toBe(4);
  });

  it('is given up after the whole retry clock', async () => {
    await control(sandbox, 'faults', { retryFactor: 0 });
    const { notifyUrl, received } = await shop(() => 500);
    const outTradeNo = await pay(notifyUrl);
    await vi.waitFor(async () => expect(await deliveriesOf(outTradeNo)).toHaveLength(16), 5000);
    expect(received).toHaveLength(16);
  });

  it('survives a shop that is down, and can be sent again by hand', async () => {
    // Its retries go on, and would use up the faults of the tests that follow.
    const own = createSandbox({ credentials });
    await own.listen();
    const outTradeNo = await pay('http://127.0.0.1:9/notify', { waitForNotify: true }, own);
    const [delivery] = await deliveriesOf(outTradeNo, own);
    expect(delivery).toMatchObject({ attempt: 1, status: 'unreachable' });
    const again = await control(own, `notifications/${delivery?.id}/redeliver`, {});
    expect(again.body).toMatchObject({ id: delivery?.id, status: 'unreachable' });
    expect((await control(own, 'notifications/unknown/redeliver', {})).status).toBe(404);
    await own.close();
  });
});

describe('faults of the notifier', () => {
  const strike = (notify: object) => control(sandbox, 'faults', { notify });

  it('probe with a wrong signature before the right copy', async () => {
    await strike({ signTest: true });
    const { notifyUrl, received } = await shop(all => (all.length === 1 ? 401 : 204));
    const outTradeNo = await pay(notifyUrl);
    expect(received[0]?.headers['wechatpay-signature']).toMatch(/^WECHATPAY\/SIGNTEST\//);
    const key = sandbox.env['WECHAT_PAY_PUBLIC_KEY'] ?? '';
    expect(received[1] && isSigned(received[1].headers, received[1].raw, key)).toBe(true);
    expect(await deliveriesOf(outTradeNo)).toMatchObject([{ probe: true, status: 401 }, { status: 204 }]);
  });

  it('send twice at once', async () => {
    await strike({ duplicate: true });
    const { notifyUrl, received } = await shop();
    await pay(notifyUrl);
    expect(new Set(received.map(notice => notice.body.id)).size).toBe(1);
    expect(received).toHaveLength(2);
  });

  it('lie about serial, time and amount', async () => {
    const { notifyUrl, received } = await shop();
    for (const fault of [{ wrongSerial: true }, { staleTimestamp: true }, { tamperAmount: true }]) {
      await strike(fault);
      await pay(notifyUrl);
    }
    expect(received[0]?.headers['wechatpay-serial']).not.toBe(sandbox.env['WECHAT_PAY_PUBLIC_KEY_ID']);
    expect(Date.now() / 1000 - Number(received[1]?.headers['wechatpay-timestamp'])).toBeGreaterThan(300);
    expect(plain(received[2])).toMatchObject({ amount: { total: 1991 } });
  });

  it('keep a notice back, or let it overtake', async () => {
    const { notifyUrl, received } = await shop();
    await strike({ lost: true, remaining: 1 });
    const lost = await pay(notifyUrl);
    const lostByPhone = await pay(notifyUrl, { outcome: 'lost-callback' });
    await strike({ outOfOrder: true, remaining: 2 });
    const first = await pay(notifyUrl);
    const second = await pay(notifyUrl);
    expect(received.map(notice => plain(notice)['out_trade_no'])).toEqual([second, first]);
    await strike({ outOfOrder: true });
    const held = await pay(notifyUrl);
    await control(sandbox, 'faults', {});
    await vi.waitFor(() => expect(plain(received[2])['out_trade_no']).toBe(held), 5000);
    expect(await deliveriesOf(lost)).toMatchObject([{ status: 'lost' }]);
    expect(await deliveriesOf(lostByPhone)).toMatchObject([{ status: 'lost' }]);
  });
});
