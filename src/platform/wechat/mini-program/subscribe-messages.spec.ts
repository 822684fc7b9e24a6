import { afterEach, describe, expect, it } from 'vitest';
import { fitValue } from '../push/message-values.js';
import { json, startApi, withTokens } from './mini-program.fixture.js';
import { SubscribeMessages, type SubscribeMessage } from './subscribe-messages.js';
import { caught, inTurn, type StubAnswer } from '../wechat.fixture.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function setUp(answer: () => StubAnswer | 'cut' | null) {
  const { api, requests, close } = await startApi(withTokens(answer));
  cleanups.push(close);
  return { messages: new SubscribeMessages(api), requests };
}

const message: SubscribeMessage = {
  openid: 'o-1',
  templateId: 'T-1',
  page: 'pages/order/detail?id=1',
  data: { thing1: '小鱼干', character_string2: 'N20261122' },
};
const ok = json({ errcode: 0, errmsg: 'ok', msgid: 1 });

describe('a subscribe message', () => {
  it('is sent with its values in the form of the template', async () => {
    const { messages, requests } = await setUp(() => ok);
    expect(await messages.send(message)).toBe('sent');
    expect(requests[1]!.path).toBe('/cgi-bin/message/subscribe/send?access_token=token-1');
    expect(JSON.parse(requests[1]!.body)).toEqual({
      touser: 'o-1',
      template_id: 'T-1',
      page: 'pages/order/detail?id=1',
      data: { thing1: { value: '小鱼干' }, character_string2: { value: 'N20261122' } },
    });
  });

  it('cuts what would have the whole message refused', async () => {
    const { messages, requests } = await setUp(() => ok);
    await messages.send({ ...message, data: { thing1: '很长的名字'.repeat(10) } });
    expect(JSON.parse(requests[1]!.body)).toMatchObject({
      data: { thing1: { value: '很长的名字'.repeat(4) } },
    });
  });

  it('takes a shopper who has not agreed for nothing unusual', async () => {
    const { messages } = await setUp(() => json({ errcode: 43101, errmsg: 'user refuse to accept the msg' }));
    expect(await messages.send(message)).toBe('no_grant');
  });

  it.each<[string, StubAnswer | 'cut']>([
    ['was cut off', 'cut'],
    ['is "busy"', json({ errcode: -1 })],
  ])('is not sent twice when the answer %s', async (_, failure) => {
    const { messages, requests } = await setUp(inTurn(failure, ok));
    expect(await caught(messages.send(message))).toMatchObject({ code: 'wechat.unavailable' });
    expect(requests).toHaveLength(2);
  });

  it('says which field WeChat does not take', async () => {
    const errmsg = 'argument invalid! data.thing1.value invalid rid: 65f0';
    const { messages } = await setUp(() => json({ errcode: 47003, errmsg }));
    expect(await caught(messages.send(message))).toMatchObject({
      code: 'wechat.refused',
      errcode: 47003,
      reason: errmsg,
    });
  });

  it.each([
    [40003, 'wechat.refused'],
    [40037, 'wechat.refused'],
    [43107, 'wechat.unavailable'],
    [43108, 'wechat.unavailable'],
    [45009, 'wechat.throttled'],
    [48001, 'wechat.misconfigured'],
  ])('fails loudly on %i', async (errcode, code) => {
    const { messages } = await setUp(() => json({ errcode }));
    expect(await caught(messages.send(message))).toMatchObject({ code });
  });
});

describe('a value fits its kind', () => {
  it.each([
    ['thing1', '鱼'.repeat(21), '鱼'.repeat(20)],
    ['thing12', `${'鱼'.repeat(19)}🐟`, '鱼'.repeat(19)],
    ['thing2', ' 两行\n一句 ', '两行 一句'],
    ['number1', '1'.repeat(33), '1'.repeat(32)],
    ['letter1', 'a'.repeat(33), 'a'.repeat(32)],
    ['symbol1', '!'.repeat(6), '!'.repeat(5)],
    ['character_string1', `SF鱼${'1'.repeat(40)}`, `SF${'1'.repeat(30)}`],
    ['phone_number1', '0'.repeat(18), '0'.repeat(17)],
    ['car_number1', '粤B1234567', '粤B123456'],
    ['name1', '张'.repeat(11), '张'.repeat(10)],
    ['name1', 'x'.repeat(21), 'x'.repeat(20)],
    ['phrase1', '已经发货了吗', '已经发货了'],
    ['amount1', '¥1234567890.00元', '¥1234567890.00元'],
    ['time1', '2026年11月22日 16:00', '2026年11月22日 16:00'],
    ['enum1', 'x'.repeat(50), 'x'.repeat(50)],
  ])('%s: %s', (key, value, fitting) => {
    expect(fitValue(key, value)).toBe(fitting);
  });
});
