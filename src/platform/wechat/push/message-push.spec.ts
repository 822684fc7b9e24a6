import { describe, expect, it } from 'vitest';
import { MessagePush, type PushedMessage, type PushQuery } from './message-push.js';
import { pushSignature } from './push-crypto.js';
import { TestClock, sealPush, testConfig } from '../wechat.fixture.js';

const clock = new TestClock();
const [token, aesKey] = ['AAAAA', 'a'.repeat(43)];
const { appId } = testConfig();
const demo = {
  ToUserName: 'gh_97417a04a28d',
  FromUserName: 'o9AgO5Kd5ggOC-bXrbNODIiE3bGY',
  CreateTime: clock.seconds,
  MsgType: 'event',
  Event: 'debug_demo',
  debug_str: 'hello world',
};

const shop = (config: Parameters<typeof testConfig>[0]) => new MessagePush(testConfig(config), clock);
const plain = shop({ pushToken: token });
const secure = shop({ pushToken: token, pushAesKey: aesKey });

function query(ageSeconds = 0, ...more: string[]): PushQuery {
  const [timestamp, nonce] = [String(clock.seconds - ageSeconds), '415670741'];
  const signature = pushSignature(token, timestamp, nonce);
  return { timestamp, nonce, signature, msg_signature: pushSignature(token, timestamp, nonce, ...more) };
}

function readPlain(message: object | string): PushedMessage {
  return plain.read(query(), Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)));
}

function readSealed(sealed: string, changes: PushQuery = {}): PushedMessage {
  const body = JSON.stringify({ ToUserName: demo.ToUserName, Encrypt: sealed });
  return secure.read({ ...query(0, sealed), ...changes }, Buffer.from(body));
}

const seal = (message: object | string, app = appId, key = aesKey): string =>
  sealPush(typeof message === 'string' ? message : JSON.stringify(message), key, app);

function flawOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return (error as { flaw?: unknown }).flaw ?? error;
  }
}

describe('the check of the URL', () => {
  it('is answered with the echostr as it came', () => {
    expect(plain.check({ ...query(), echostr: '4375120948345356249' })).toBe('4375120948345356249');
    expect(secure.check({ ...query(), echostr: '4375120948345356249' })).toBe('4375120948345356249');
  });

  it('echoes nothing for somebody who does not know the token', () => {
    const signature = pushSignature('BBBBB', String(clock.seconds), '415670741');
    expect(flawOf(() => plain.check({ ...query(), signature, echostr: 'x' }))).toBe('bad_signature');
  });

  it('without an echostr is none', () => {
    expect(flawOf(() => plain.check(query()))).toBe('malformed');
  });
});

describe('a pushed message', () => {
  const pushed = {
    type: 'event',
    event: 'debug_demo',
    openid: demo.FromUserName,
    createTime: '2026-11-22T08:00:00.000Z',
    dedupeKey: `${demo.FromUserName}:${clock.seconds}:debug_demo`,
    message: demo,
  };

  it('is read plain where there is no key, and sealed where there is', () => {
    expect(readPlain(demo)).toEqual(pushed);
    expect(readSealed(seal(demo))).toEqual(pushed);
  });

  it('in compatible mode is read from its sealed part, not from the unsigned one beside it', () => {
    const sealed = seal(demo);
    const body = JSON.stringify({ ...demo, Event: 'forged', Encrypt: sealed });
    expect(secure.read(query(0, sealed), Buffer.from(body)).event).toBe('debug_demo');
  });

  it('is told from another by its MsgId, also beyond what a number can hold', () => {
    const text = (id: string): string =>
      `{"MsgType":"text","FromUserName":"o","CreateTime":${clock.seconds},"MsgId":${id}}`;
    const [one, other] = ['23637352235060881', '23637352235060882'].map(id => readPlain(text(id)));
    expect(one!.dedupeKey).toBe('id:23637352235060881');
    expect(other!.dedupeKey).not.toBe(one!.dedupeKey);
    expect(one!.message['MsgId']).toBe('23637352235060881');
  });

  it('keeps nothing that PostgreSQL would refuse', () => {
    const text = `{"MsgType":"text","CreateTime":"${clock.seconds}","Content":"a\\u0000b\\ud800"}`;
    expect(readPlain(text).message['Content']).toBe('a\uFFFDb\uFFFD');
  });

  it.each([-300, 300])('is taken when its time differs by %i s', ageSeconds => {
    expect(plain.read(query(ageSeconds), Buffer.from(JSON.stringify(demo))).type).toBe('event');
  });

  it.each<[string, () => unknown, string]>([
    ['of five minutes ago', () => plain.read(query(301), Buffer.from(JSON.stringify(demo))), 'stale'],
    ['of five minutes ahead', () => plain.read(query(-301), Buffer.from(JSON.stringify(demo))), 'stale'],
    ['without a signature', () => plain.read({}, Buffer.from(JSON.stringify(demo))), 'unsigned'],
    ['sealed, signed as a plain one', () => readSealed(seal(demo), query()), 'bad_signature'],
    ['sealed, with another body', () => readSealed(seal(demo), query(0, seal(demo))), 'bad_signature'],
    ['without its own signature', () => readSealed(seal(demo), { msg_signature: undefined }), 'unsigned'],
    ['for another app', () => readSealed(seal(demo, 'wxba5fad812f8e6fb9')), 'wrong_app'],
    ['for an app that ours begins with', () => readSealed(seal(demo, appId.slice(0, -1))), 'wrong_app'],
    ['under another key', () => readSealed(seal(demo, appId, 'b'.repeat(43))), 'undecryptable'],
    ['cut short', () => readSealed(seal(demo).slice(0, -24)), 'undecryptable'],
    ['sealed, but no JSON', () => readSealed(seal('<xml/>')), 'malformed'],
    [
      'plain in spite of the key',
      () => secure.read(query(), Buffer.from(JSON.stringify(demo))),
      'not_encrypted',
    ],
    ['sealed where there is no key', () => readPlain({ ToUserName: 'x', Encrypt: seal(demo) }), 'encrypted'],
    ['that is no JSON', () => readPlain('hello'), 'malformed'],
    ['that is no object', () => readPlain('[]'), 'malformed'],
    ['of no type', () => readPlain({ ...demo, MsgType: undefined }), 'malformed'],
    ['of no time', () => readPlain({ ...demo, CreateTime: 'now' }), 'malformed'],
  ])('is refused %s', (_, act, flaw) => {
    expect(flawOf(act)).toBe(flaw);
  });

  it('is nobody’s while no token is set, whatever it says', () => {
    const none = shop({});
    const absent = { kind: 'absent', code: 'wechat.push_not_configured' };
    expect(flawOf(() => none.read(query(), Buffer.from('{}')))).toMatchObject(absent);
    expect(flawOf(() => none.check({}))).toMatchObject(absent);
  });
});
