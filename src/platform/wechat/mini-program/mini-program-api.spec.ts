import { afterEach, describe, expect, it } from 'vitest';
import type { AccessTokens } from './access-token.js';
import type { ApiPost } from './api-wire.js';
import { MiniProgramApi } from './mini-program-api.js';
import { json, startApi, withTokens } from './mini-program.fixture.js';
import type { Deadline } from '../wechat-http.js';
import { caught, inTurn, type StubAnswer, type StubHandler } from '../wechat.fixture.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function setUp(handler: StubHandler) {
  const started = await startApi(handler);
  cleanups.push(started.close);
  return started;
}

const post: ApiPost = { operation: 'phone_number', path: '/wxa/something', content: { a: 1 } };
const errcodeOf = ({ outcome }: { outcome: { errcode: number } }) => outcome.errcode;
const stale = json({ errcode: 40001, errmsg: 'invalid credential' });

describe('MiniProgramApi', () => {
  it('sends the token in the query and the content as JSON', async () => {
    const { api, requests } = await setUp(withTokens(() => json({ errcode: 0 })));
    expect(await api.call(post, errcodeOf)).toBe(0);
    expect(requests[1]).toMatchObject({ path: '/wxa/something?access_token=token-1', body: '{"a":1}' });
  });

  it.each([40001, 40014, 42001])('renews the token once on %i and calls again', async errcode => {
    const { api, requests } = await setUp(
      withTokens(token => (token === 'token-1' ? json({ errcode }) : json({ errcode: 0 }))),
    );
    expect(await api.call(post, errcodeOf)).toBe(0);
    expect(requests).toHaveLength(4);
  });

  it('does not renew for ever', async () => {
    const { api, requests } = await setUp(withTokens(() => stale));
    expect(await caught(api.call(post, errcodeOf))).toMatchObject({ code: 'wechat.unavailable' });
    expect(requests).toHaveLength(4);
  });

  it('gives the token, first and renewed, no more time than the call has itself', async () => {
    const { config, wire, metrics } = await setUp(() => stale);
    const given: Deadline[] = [];
    const tokens = {
      get: async (deadline: Deadline) => `token-${given.push(deadline)}`,
      renewAfter: async (_: string, deadline: Deadline) => `token-${given.push(deadline)}`,
    } as unknown as AccessTokens;
    await caught(new MiniProgramApi(config, wire, tokens, metrics).call(post, errcodeOf));
    expect(given).toHaveLength(2);
    expect(given[1]).toBe(given[0]);
  });

  it.each<[string, StubAnswer | 'cut']>([
    ['a cut connection', 'cut'],
    ['an outage', json({}, 502)],
    ['"busy"', json({ errcode: -1 })],
  ])('repeats after %s, but never what would then be done twice', async (_, failure) => {
    const usual = await setUp(withTokens(inTurn(failure, json({ errcode: 0 }))));
    expect(await usual.api.call(post, errcodeOf)).toBe(0);
    const once = await setUp(withTokens(inTurn(failure, json({ errcode: 0 }))));
    const error = await caught(once.api.call({ ...post, once: true }, errcodeOf));
    expect(error).toMatchObject({ code: 'wechat.unavailable' });
    expect(once.requests).toHaveLength(2);
  });

  it('calls again with another token even what is to be done once: a refused one has done nothing', async () => {
    const { api } = await setUp(withTokens(token => (token === 'token-1' ? stale : json({ errcode: 0 }))));
    expect(await api.call({ ...post, once: true }, errcodeOf)).toBe(0);
  });
});
