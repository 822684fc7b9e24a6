import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { startApp, type TestApp } from '../../support/app.ts';
import type { Answer } from '../../support/http.ts';
import { flawOf } from '../../support/problems.ts';
import { Shopper } from '../../support/shopper.ts';
import { startGate, type GateAnswer, type Gateway } from '../../support/wechat-gate.ts';

const checkPath = '/wxa/msg_sec_check';

describe('a nickname', () => {
  let gate: Gateway;
  let shop: TestApp;
  let checks: number;
  /** What WeChat says of it instead of what the stand-in says. */
  let instead: Partial<GateAnswer> | undefined;
  beforeAll(async () => {
    const isCheck = (path: string): boolean => path.startsWith(checkPath);
    gate = await startGate(inject('sandboxUrl'), {
      replace(path, answer) {
        if (!isCheck(path)) return answer;
        checks++;
        return { ...answer, ...instead };
      },
    });
    shop = await startApp({ WECHAT_API_BASE_URL: gate.url });
  });
  beforeEach(() => {
    checks = 0;
    instead = undefined;
  });
  afterAll(async () => {
    await shop.stop();
    await gate.stop();
  });

  // The stand-in's controls are not behind the gate.
  const logIn = () => Shopper.login({ url: shop.url, sandboxUrl: inject('sandboxUrl') });
  const change = (shopper: Shopper, body: object): Promise<Answer> => shopper.send('PATCH', '/me', { body });
  const nicknameOf = async (shopper: Shopper): Promise<unknown> =>
    (await shopper.get('/me')).body['nickname'];

  async function shopperCalled(nickname: string): Promise<Shopper> {
    const shopper = await logIn();
    expect((await change(shopper, { nickname })).status).toBe(200);
    return shopper;
  }

  it.each([
    ['risky', '违规小鱼'],
    ['for a person to judge, who is not here', '可疑小鱼'],
  ])('that WeChat finds %s is shown to nobody', async (_, nickname) => {
    const shopper = await shopperCalled('小鱼');
    const answer = await change(shopper, { nickname, avatarUrl: 'https://cdn.example.com/a.png' });
    expect([answer.status, flawOf(answer)]).toEqual([422, undefined]);
    expect(answer.body).toMatchObject({ code: 'identity.nickname_refused' });
    expect(await nicknameOf(shopper)).toBe('小鱼');
    expect((await shopper.get('/me')).body).not.toHaveProperty('avatarUrl');
  });

  it.each([
    ['does not answer', { status: 502, body: Buffer.from('bad gateway') }, 503, 'wechat.unavailable'],
    ['has had enough of us', { body: Buffer.from('{"errcode":45009}') }, 429, 'wechat.throttled'],
    [
      'has not seen its author lately',
      { body: Buffer.from('{"errcode":61010}') },
      422,
      'wechat.shopper_away',
    ],
  ])('that WeChat has not passed because it %s is not stored', async (_, answered, status, code) => {
    const shopper = await shopperCalled('小鱼');
    instead = { ...answered, headers: { 'content-type': 'application/json' } };
    const answer = await change(shopper, { nickname: '大鱼' });
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.headers.has('retry-after')).toBe(status !== 422);
    expect(await nicknameOf(shopper)).toBe('小鱼');
    instead = undefined;
    expect((await change(shopper, { nickname: '大鱼' })).status).toBe(200);
    expect(await nicknameOf(shopper)).toBe('大鱼');
  });

  it('is asked about only when it changes', async () => {
    const shopper = await shopperCalled('小鱼');
    instead = { status: 502, headers: {}, body: Buffer.from('') };
    checks = 0;
    expect((await change(shopper, { avatarUrl: 'https://cdn.example.com/a.png' })).status).toBe(200);
    expect((await change(shopper, { nickname: ' ' })).status).toBe(400);
    expect(checks).toBe(0);
  });
});
