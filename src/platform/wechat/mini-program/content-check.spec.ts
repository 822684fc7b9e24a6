import { afterEach, describe, expect, it } from 'vitest';
import { ContentCheck, type TextToCheck } from './content-check.js';
import { json, startApi, withTokens } from './mini-program.fixture.js';
import { caught, inTurn, type StubAnswer } from '../wechat.fixture.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function setUp(answer: () => StubAnswer | 'cut' | null) {
  const { api, requests, close } = await startApi(withTokens(answer));
  cleanups.push(close);
  return { check: new ContentCheck(api), requests };
}

const text: TextToCheck = { openid: 'o-1', content: '很好吃', scene: 'comment' };
const verdict = (suggest: string) =>
  json({ errcode: 0, errmsg: 'ok', trace_id: 't-1', result: { suggest, label: 100 }, detail: [] });

describe('a text', () => {
  it.each(['pass', 'review', 'risky'])('is said to be %s', async suggest => {
    const { check } = await setUp(() => verdict(suggest));
    expect(await check.checkText(text)).toBe(suggest);
  });

  it.each([
    ['profile', 1],
    ['comment', 2],
    ['forum', 3],
    ['social_log', 4],
  ] as const)('is checked as %s, whole and with its author', async (scene, number) => {
    const { check, requests } = await setUp(() => verdict('pass'));
    await check.checkText({ ...text, scene });
    expect(requests[1]!.path).toBe('/wxa/msg_sec_check?access_token=token-1');
    expect(JSON.parse(requests[1]!.body)).toEqual({
      version: 2,
      openid: 'o-1',
      scene: number,
      content: '很好吃',
    });
  });

  it('is not checked in part: what is beyond the limit would be shown unseen', async () => {
    const { check, requests } = await setUp(() => verdict('pass'));
    expect(await check.checkText({ ...text, content: '鱼'.repeat(2_500) })).toBe('pass');
    const before = requests.length;
    expect(await caught(check.checkText({ ...text, content: '鱼'.repeat(2_501) }))).toBeInstanceOf(
      RangeError,
    );
    expect(requests).toHaveLength(before);
  });

  it('of somebody who is long gone is not checked, and says so', async () => {
    const { check } = await setUp(() => json({ errcode: 61010, errmsg: 'code is expired' }));
    expect(await caught(check.checkText(text))).toMatchObject({
      kind: 'unprocessable',
      code: 'wechat.shopper_away',
    });
  });

  it('is asked about again when the answer was lost', async () => {
    const { check } = await setUp(inTurn('cut', verdict('pass')));
    expect(await check.checkText(text)).toBe('pass');
  });

  it.each<[string, StubAnswer, string]>([
    ['a verdict nobody knows', verdict('maybe'), 'wechat.unavailable'],
    ['no verdict', json({ errcode: 0 }), 'wechat.unavailable'],
    ['a full quota', json({ errcode: 45009 }), 'wechat.throttled'],
    ['a strange openid', json({ errcode: 40003 }), 'wechat.refused'],
    ['no permission', json({ errcode: 48001 }), 'wechat.misconfigured'],
  ])('does not pass by %s', async (_, answer, code) => {
    const { check } = await setUp(() => answer);
    expect(await caught(check.checkText(text))).toMatchObject({ code });
  });
});
