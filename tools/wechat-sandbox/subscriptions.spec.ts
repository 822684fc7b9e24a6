import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessToken, callApi, control } from './merchant.fake.ts';
import { createSandbox } from './sandbox.ts';

const sandbox = createSandbox();
let openid = '';
let token = '';

beforeAll(async () => {
  await sandbox.listen();
  openid = String((await control(sandbox, 'login-codes', {})).body['openid']);
  token = await accessToken(sandbox);
});
afterAll(() => sandbox.close());

let templates = 0;
async function template(count: number): Promise<string> {
  const templateId = `T-${++templates}`;
  await control(sandbox, 'subscriptions', { openid, templateId, count });
  return templateId;
}

async function send(template_id: string, change: object = {}) {
  const path = `/cgi-bin/message/subscribe/send?access_token=${token}`;
  const content = { touser: openid, template_id, data: { thing1: { value: '小鱼干' } }, ...change };
  return (await callApi(sandbox, path, content)).body;
}

describe('a subscribe message', () => {
  it('takes one agreement each, and there is none for free', async () => {
    const templateId = await template(2);
    const sent = [await send(templateId), await send(templateId), await send(templateId)];
    expect(sent.map(({ errcode }) => errcode)).toEqual([0, 0, 43101]);
    expect((await control(sandbox, 'subscriptions', { openid, templateId, count: 1 })).body).toEqual({
      left: 1,
    });
    expect((await send(templateId))['errcode']).toBe(0);
  });

  it('needs the agreement of this person to this template', async () => {
    const [one, other] = [await template(1), await template(0)];
    expect((await send(other))['errcode']).toBe(43101);
    const { openid: stranger } = (await control(sandbox, 'login-codes', {})).body;
    expect((await send(one, { touser: stranger }))['errcode']).toBe(43101);
  });

  it('can be looked at where the phone shows it', async () => {
    const templateId = await template(1);
    await send(templateId, { page: 'pages/order/detail?id=1' });
    const { body } = await control(sandbox, 'messages');
    expect(body['items']).toContainEqual({
      openid,
      templateId,
      page: 'pages/order/detail?id=1',
      data: { thing1: { value: '小鱼干' } },
    });
  });

  it.each([
    ['a stranger', { touser: 'nobody' }, 40003],
    ['a template nobody was asked about', { template_id: 'T-unknown' }, 40037],
    ['a page with a leading slash', { page: '/pages/order' }, 41030],
    ['no data', { data: {} }, 47003],
  ])('is refused for %s', async (_, change, errcode) => {
    expect((await send(await template(1), change))['errcode']).toBe(errcode);
  });

  it.each([
    ['thing1', '鱼'.repeat(20), '鱼'.repeat(21)],
    ['number2', '19.90', '十九'],
    ['letter1', 'abc', 'a1'],
    ['symbol1', '!!!', '!!!!!!'],
    ['character_string1', 'N20261122', '订单1'],
    ['time1', '2026年11月22日 16:00', 'today'],
    ['time1', '16:00:00', '16'],
    ['date1', '2026-11-22', '11-22'],
    ['amount1', '¥19.90元', '19.901'],
    ['phone_number1', '+86-13800138000', '+86-138001380001234'],
    ['car_number1', '粤B12345', '粤B12345678'],
    ['name1', '张三', '张'.repeat(11)],
    ['name1', 'x'.repeat(20), 'x'.repeat(21)],
    ['phrase1', '已发货', '已发货1'],
    ['thing3', 'x', ' '],
  ])('takes %s of %s and names the field for %s', async (key, good, bad) => {
    const templateId = await template(1);
    const refused = await send(templateId, { data: { [key]: { value: bad } } });
    expect(refused['errcode']).toBe(47003);
    expect(refused['errmsg']).toMatch(`argument invalid! data.${key}.value invalid rid: `);
    expect((await send(templateId, { data: { [key]: { value: good } } }))['errcode']).toBe(0);
  });

  it('is refused with a key of no known kind', async () => {
    expect((await send(await template(1), { data: { words1: { value: 'x' } } }))['errcode']).toBe(47003);
  });
});

it('lets only people of this mini-program agree', async () => {
  const templateId = 'T-1';
  for (const body of [
    { openid: 'nobody', templateId, count: 1 },
    { openid, templateId, count: -1 },
    { openid },
  ])
    expect((await control(sandbox, 'subscriptions', body)).status).toBe(400);
});
