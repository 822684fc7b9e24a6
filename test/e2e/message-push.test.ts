import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { call, type Answer } from '../support/http.ts';
import { flawOf } from '../support/problems.ts';

interface Pushed {
  readonly answers: readonly {
    readonly status: number;
    readonly contentType: string;
    readonly body: string;
  }[];
  readonly echoed?: boolean;
}

const path = '/api/v1/wechat/push';
const success = { status: 200, contentType: 'text/plain; charset=utf-8', body: 'success' };
const message = {
  MsgType: 'event',
  Event: 'debug_demo',
  FromUserName: 'o9AgO5Kd5ggOC-bXrbNODIiE3bGY',
  debug_str: '你好',
};

/** Has WeChat push something to this shop. */
async function push({ url, sandboxUrl }: TestApp, what: object): Promise<Pushed> {
  const asked = { url: `${url}${path}`, ...what };
  return (await call<Pushed>('POST', `${sandboxUrl}/__sandbox/pushes`, { body: asked })).body;
}

function expectRefused({ answers }: Pushed, status = 401, code = 'wechat.push_refused'): void {
  expect(answers.map(answer => answer.status)).toEqual([status]);
  const [{ contentType, body }] = answers as [Pushed['answers'][0]];
  expect(contentType).toMatch('application/problem+json');
  const { traceId, ...problem } = JSON.parse(body) as Record<string, unknown>;
  // The flaw is for our log: the sender learns nothing but the refusal.
  expect(problem).toEqual({ type: `urn:minnow:problem:${code}`, title: expect.any(String), status, code });
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
}

describe('the message push in secure mode', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp();
  });
  afterAll(() => shop.stop());

  it('accepts the URL check with the echostr and nothing around it', async () => {
    const { echoed, answers } = await push(shop, { check: true });
    expect(echoed).toBe(true);
    expect(answers).toEqual([{ ...success, body: expect.stringMatching(/^\d{19}$/) }]);
  });

  it('takes what WeChat sends, an event or a message of any kind', async () => {
    expect((await push(shop, { message })).answers).toEqual([success]);
    const text = { MsgType: 'text', FromUserName: 'o-2', Content: '在吗？', MsgId: 23_637_352 };
    expect((await push(shop, { message: text })).answers).toEqual([success]);
  });

  it('keeps nothing while nobody listens', async () => {
    await push(shop, { message: { ...message, marker: randomUUID() } });
    const { rows } = await shop.database.query('select name from outbox');
    expect(rows).toEqual([]);
  });

  it('takes the same message again without harm: WeChat repeats what it believes lost', async () => {
    expect((await push(shop, { message, tamper: 'repeated' })).answers).toEqual([success, success]);
  });

  it.each(['signature', 'app-id', 'stale', 'early', 'cut'])(
    'refuses a message that is tampered with: %s',
    async tamper => expectRefused(await push(shop, { message, tamper })),
  );

  it.each(['signature', 'stale', 'early'])(
    'echoes nothing to a check that is tampered with: %s',
    async tamper => expectRefused(await push(shop, { check: true, tamper })),
  );

  it('cannot be talked down to plain messages, however well they are signed', async () => {
    expectRefused(await push(shop, { message, mode: 'plain' }));
    expectRefused(await push(shop, { message: { ...message, Encrypt: 'AAAA' }, mode: 'plain' }));
  });

  it('refuses a message that is no message', async () => {
    expectRefused(await push(shop, { message: { Event: 'debug_demo' } }));
    expectRefused(await push(shop, { message: { MsgType: 'event', CreateTime: 'never' } }));
  });

  const ask = (query: string, headers: Record<string, string>, body?: string): Promise<Answer> =>
    call('POST', `${shop.url}${path}${query}`, { headers, body });

  it('refuses what is not signed at all', async () => {
    for (const query of ['', '?echostr=1', '?signature=&timestamp=&nonce=']) {
      const answer = await call('GET', `${shop.url}${path}${query}`);
      expect([answer.status, flawOf(answer)]).toEqual([401, undefined]);
    }
    const unsigned = await ask('', { 'content-type': 'application/json' }, '{"Encrypt":"AAAA"}');
    expect([unsigned.status, flawOf(unsigned)]).toEqual([401, undefined]);
  });

  it('speaks no XML: a console set to XML gets 415', async () => {
    for (const type of ['text/xml', 'application/xml']) {
      const answer = await ask('', { 'content-type': type }, '<xml><Encrypt>AAAA</Encrypt></xml>');
      expect([answer.status, flawOf(answer)]).toEqual([415, undefined]);
    }
  });

  it('minds no parameter that WeChat adds, and every one that is too long or comes twice', async () => {
    expect((await push(shop, { url: `${shop.url}${path}?unheard=of`, message })).answers).toEqual([success]);
    for (const query of [`?nonce=${'1'.repeat(65)}`, '?signature=a&signature=b']) {
      expect((await ask(query, { 'content-type': 'application/json' }, '{}')).status).toBe(400);
    }
  });
});

describe('the message push in plain mode', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp({ WECHAT_PUSH_ENCODING_AES_KEY: '' });
  });
  afterAll(() => shop.stop());

  it('takes what is signed', async () => {
    expect((await push(shop, { message, mode: 'plain' })).answers).toEqual([success]);
    expect((await push(shop, { check: true })).echoed).toBe(true);
  });

  it.each(['signature', 'stale', 'early'])('refuses a message that is tampered with: %s', async tamper =>
    expectRefused(await push(shop, { message, mode: 'plain', tamper })),
  );

  it('refuses what it has no key for', async () => {
    expectRefused(await push(shop, { message, mode: 'secure' }));
  });
});

describe('the message push of a shop that has not set it up', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp({ WECHAT_PUSH_TOKEN: '', WECHAT_PUSH_ENCODING_AES_KEY: '' });
  });
  afterAll(() => shop.stop());

  it.each([{ check: true }, { message }, { message, mode: 'plain' }, { message, tamper: 'signature' }])(
    'answers 404 to %j',
    async what => expectRefused(await push(shop, what), 404, 'wechat.push_not_configured'),
  );
});
