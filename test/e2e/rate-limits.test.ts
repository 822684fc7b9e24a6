import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { stockGoods } from '../support/goods.ts';
import { call, type Answer, type RequestOptions } from '../support/http.ts';
import { flawOf } from '../support/problems.ts';
import { loginCode, Shopper } from '../support/shopper.ts';
import { startSibling } from '../support/sibling.ts';
import { Staff } from '../support/staff.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

/** Slow enough that nothing comes back while a test runs. */
const few = {
  HTTP_TRUST_PROXY: 'true',
  LIMIT_ADDRESS: '20/1h',
  LIMIT_LOGIN: '5/1h',
  LIMIT_CALLER: '12/1h',
  LIMIT_ORDER: '3/1h',
};

/** Addresses of documentation (RFC 5737, 3849): nobody's, and not exempt. */
let last = 0;
const from = (ip = `198.51.100.${++last}`) => ({ 'x-forwarded-for': ip });

async function statusesOf(tries: number, send: () => Promise<Answer>): Promise<number[]> {
  const statuses = [];
  for (let i = 0; i < tries; i++) statuses.push((await send()).status);
  return statuses;
}

const times = (count: number, status: number): number[] => Array<number>(count).fill(status);

function expectRefusal(answer: Answer, limit: string, quota: number): void {
  expect([answer.status, flawOf(answer)]).toEqual([429, undefined]);
  expect(answer.body).toMatchObject({ code: 'request.throttled', limit });
  const seconds = Number(answer.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(3_600 / quota);
  expect(answer.headers.get('ratelimit-policy')).toBe(`"${limit}";q=${quota};w=3600`);
  expect(answer.headers.get('ratelimit')).toBe(`"${limit}";r=0;t=${seconds}`);
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

describe('a shop that is asked too often', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp(few);
  });
  afterAll(() => shop.stop());

  const get = (path: string, headers: Record<string, string>): Promise<Answer> =>
    call('GET', shop.url + path, { headers });
  const home = (headers: Record<string, string>) => get('/api/v1/home', headers);

  it('refuses the address, and no other one', async () => {
    const flooder = from();
    expect(await statusesOf(20, () => home(flooder))).toEqual(times(20, 200));
    expectRefusal(await home(flooder), 'address', 20);
    expect((await home(from())).status).toBe(200);
  });

  it('counts what finds no route, and what is refused for its token', async () => {
    const flooder = from();
    await statusesOf(10, () => get('/api/v1/nothing', flooder));
    await statusesOf(10, () => get('/api/v1/me', { ...flooder, authorization: 'Bearer a.b.c' }));
    expectRefusal(await get('/api/v1/nothing', flooder), 'address', 20);
  });

  it('refuses before it takes the body', async () => {
    const flooder = from();
    await statusesOf(20, () => home(flooder));
    const headers = { ...flooder, 'content-type': 'text/rubbish' };
    const answer = await call('POST', `${shop.url}/api/v1/auth/wechat`, {
      headers,
      body: 'x'.repeat(2_000_000),
    });
    expectRefusal(answer, 'address', 20);
  });

  it('counts a whole network of IPv6, where every subscriber has one', async () => {
    const addresses = Array.from({ length: 20 }, (_, index) => from(`2001:db8:1:2::${index.toString(16)}`));
    for (const headers of addresses) expect((await home(headers)).status).toBe(200);
    expectRefusal(await home(from('2001:db8:1:2:ffff::1')), 'address', 20);
    expect((await home(from('2001:db8:1:3::1'))).status).toBe(200);
  });

  it.each(['/livez', '/readyz', '/startupz', '/ping'])('answers %s all the same', async path => {
    const prober = from();
    expect(await statusesOf(30, () => get(path, prober))).toEqual(times(30, 200));
    expect((await home(prober)).status).toBe(200);
  });

  it('hears WeChat all the same', async () => {
    const wechat = from();
    const notify = () => call('POST', `${shop.url}/api/v1/wechat/pay/notify`, { headers: wechat, body: {} });
    const push = () => call('POST', `${shop.url}/api/v1/wechat/push`, { headers: wechat, body: {} });
    const statuses = [...(await statusesOf(15, notify)), ...(await statusesOf(15, push))];
    expect(statuses).not.toContain(429);
    expect((await home(wechat)).status).toBe(200);
  });

  it('hears its neighbours all the same, and a proxy that it was not told of', async () => {
    for (const ip of ['127.0.0.1', '10.1.2.3', '::ffff:192.168.1.1', '100.64.0.9', 'fd00::1'])
      expect(await statusesOf(25, () => home(from(ip)))).toEqual(times(25, 200));
  });

  it('lets nobody escape who forwards what is no address', async () => {
    await statusesOf(20, () => home(from(`rubbish ${randomUUID()}`)));
    expectRefusal(await home(from('other rubbish')), 'address', 20);
  });

  it('does not try many login codes, or passwords, for one address', async () => {
    const guesser = from();
    const guess = () =>
      call('POST', `${shop.url}/api/v1/auth/wechat`, { headers: guesser, body: { code: 'x' } });
    expect(await statusesOf(5, guess)).toEqual(times(5, 401));
    expectRefusal(await guess(), 'login', 5);
    const body = { username: 'owner', password: 'guess' };
    expectRefusal(
      await call('POST', `${shop.url}/api/v1/admin/session`, { headers: guesser, body }),
      'login',
      5,
    );
    const refresh = { headers: guesser, body: { refreshToken: 'x'.repeat(43) } };
    expectRefusal(await call('POST', `${shop.url}/api/v1/auth/refresh`, refresh), 'login', 5);
    expect((await home(guesser)).status).toBe(200);
    const { code } = await loginCode(shop);
    const elsewhere = { headers: from(), body: { code } };
    expect((await call('POST', `${shop.url}/api/v1/auth/wechat`, elsewhere)).status).toBe(200);
  });

  it('refuses a shopper who changes addresses, and no other one', async () => {
    const [flooder, other] = [await Shopper.login(shop), await Shopper.login(shop)];
    const cart = (shopper: Shopper) => shopper.get('/cart', { headers: from() });
    expect(await statusesOf(12, () => cart(flooder))).toEqual(times(12, 200));
    expectRefusal(await cart(flooder), 'caller', 12);
    expect((await cart(other)).status).toBe(200);
  });

  it('refuses a member of staff whose script has gone wild', async () => {
    const [member, other] = [await Staff.hire(shop, 'manager'), await Staff.hire(shop, 'manager')];
    expect(await statusesOf(12, () => member.get('/categories'))).toEqual(times(12, 200));
    expectRefusal(await member.get('/categories'), 'caller', 12);
    expect((await other.get('/categories')).status).toBe(200);
  });

  it('does not hold a stock of orders for one shopper, and lets the shopper look on', async () => {
    const shopper = await Shopper.login(shop);
    const { skuId } = await stockGoods(shop.database, { onHand: 100 });
    const addressId = await shopper.addAddress();
    const order = (options: RequestOptions) =>
      shopper.post('/orders', { items: [{ skuId, quantity: 1 }], addressId }, options);
    expect(await statusesOf(3, () => order({ key: true }))).toEqual(times(3, 201));
    expectRefusal(await order({ key: true }), 'order', 3);
    expect((await shopper.get('/orders')).status).toBe(200);
  });
});

describe('limits of more than one process', () => {
  /** From the first process everything; from the second one until it refuses too. */
  async function admittedByTheSecond(
    limit: number,
    first: () => Promise<Answer>,
    second: () => Promise<Answer>,
  ) {
    expect(await statusesOf(limit, first)).toEqual(times(limit, 200));
    expect((await first()).status).toBe(429);
    let admitted = 0;
    await until('the second process knows', async () => {
      const { status } = await second();
      if (status === 200) admitted++;
      return status === 429;
    });
    return admitted;
  }

  it('are one over Redis', async () => {
    const limit = 60;
    const shop = await startApp({ ...few, LIMIT_ADDRESS: `${limit}/1h`, LIMIT_SHARE_INTERVAL: '20ms' });
    const sibling = await startSibling(shop);
    try {
      const flooder = { headers: from() };
      const [first, second] = [shop, sibling].map(
        ({ url }) =>
          () =>
            call('GET', `${url}/api/v1/home`, flooder),
      );
      // A tenth is worth no word, and some come while it travels; alone it would admit all of them again.
      expect(await admittedByTheSecond(limit, first!, second!)).toBeLessThan(limit);
    } finally {
      await sibling.stop();
      await shop.stop();
    }
  });
});

describe('a shop that is asked too often while Redis does not answer', () => {
  it.each(['frozen', 'gone'])('refuses by what it knows itself: Redis is %s', async how => {
    const wire = await startTcpProxy(new URL(inject('stackEnv')['REDIS_URL']!));
    const shop = await startApp({
      ...few,
      REDIS_URL: `redis://127.0.0.1:${wire.port}`,
      QUEUE_REDIS_URL: inject('stackEnv')['REDIS_URL']!,
      LIMIT_SHARE_INTERVAL: '10ms',
    });
    try {
      const flooder = from();
      const home = () => call('GET', `${shop.url}/api/v1/home`, { headers: flooder });
      expect(await statusesOf(5, home)).toEqual(times(5, 200));
      if (how === 'gone') await wire.close();
      else wire.strand();
      expect(await statusesOf(15, home)).toEqual(times(15, 200));
      expectRefusal(await home(), 'address', 20);
    } finally {
      await shop.stop();
      if (how === 'frozen') await wire.close();
    }
  });
});
