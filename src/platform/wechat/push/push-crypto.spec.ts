import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSameSignature, openPush, pushSignature } from './push-crypto.js';
import { sealPush } from '../wechat.fixture.js';

/** The vectors of WeChat's documentation of the message push. */
const aesKey = 'A'.repeat(43);
const appId = 'wxba5fad812f8e6fb9';
const encrypted =
  '+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=';

function encrypt(bytes: Buffer): string {
  const key = Buffer.from(`${aesKey}=`, 'base64');
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(bytes), cipher.final()]).toString('base64');
}

/** A plaintext that ends in these bytes; its head says that the message is empty. */
const endingIn = (length: number, ...tail: readonly number[]): string =>
  encrypt(Buffer.concat([Buffer.alloc(length - tail.length), Buffer.from(tail)]));

describe('the signature of pushes', () => {
  it.each([
    ['a URL check', 'f464b24fc39322e44b38aa78f5edd27bd1441696', ['AAAAA', '1714036504', '1514711492']],
    ['a plain message', '899cf89e464efb63f54ddac96b0a0a235f53aa78', ['AAAAA', '1714037059', '486452656']],
    [
      'a sealed message',
      '046e02f8204d34f8ba5fa3b1db94908f3df2e9b3',
      ['AAAAA', '1714112445', '415670741', encrypted],
    ],
  ])('of %s is the documented one, in whatever order the parts come', (_, signature, parts) => {
    expect(pushSignature(...parts)).toBe(signature);
    expect(pushSignature(...parts.toReversed())).toBe(signature);
  });

  it('is compared whole: a part, a longer one or none is another', () => {
    const signature = pushSignature('AAAAA');
    expect(isSameSignature(signature, signature)).toBe(true);
    const others = [signature.slice(1), `${signature}0`, '', signature.replace(/.$/, 'g'), '签'.repeat(40)];
    expect(others.filter(other => isSameSignature(other, signature))).toEqual([]);
  });
});

describe('the seal of pushes', () => {
  it('opens on the documented message', () => {
    const opened = openPush(aesKey, encrypted);
    expect(opened.appId).toBe(appId);
    expect(opened.message).toHaveLength(167);
    expect(JSON.parse(opened.message.toString())).toMatchObject({
      Event: 'debug_demo',
      debug_str: 'hello world',
    });
  });

  it('opens on the documented answer', () => {
    const answer = 'ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==';
    expect(openPush(aesKey, answer).message.toString()).toBe('{"demo_resp":"good luck"}');
  });

  it('opens whatever the padding is: 1 to 32 bytes, where OpenSSL knows 16', () => {
    const messages = Array.from({ length: 33 }, (_, length) => 'x'.repeat(length));
    const opened = messages.map(message => openPush(aesKey, sealPush(message, aesKey, appId)));
    expect(opened.map(({ message }) => message.toString())).toEqual(messages);
    expect(new Set(opened.map(one => one.appId))).toEqual(new Set([appId]));
  });

  it('counts bytes, not characters', () => {
    expect(openPush(aesKey, sealPush('订单😀', aesKey, appId))).toEqual({
      message: Buffer.from('订单😀'),
      appId,
    });
  });

  it.each([
    ['nothing', ''],
    ['no base64', '！'],
    ['half a block', encrypted.slice(0, 10)],
    ['a block too few', Buffer.from(encrypted, 'base64').subarray(0, -16).toString('base64')],
    ['two blocks too few', Buffer.from(encrypted, 'base64').subarray(0, -32).toString('base64')],
    ['padding of 0', endingIn(64, 0)],
    ['padding of 33', endingIn(64, ...Array<number>(33).fill(33))],
    ['padding longer than everything', endingIn(32, ...Array<number>(32).fill(64))],
    ['padding that differs', endingIn(64, 2, 3, 3)],
    ['blocks of 16', endingIn(48, 1)],
    ['nothing but padding', endingIn(32, ...Array<number>(32).fill(32))],
    ['less than its head', endingIn(32, ...Array<number>(13).fill(13))],
    ['less than it says', encrypt(Buffer.concat([Buffer.alloc(16), Buffer.alloc(15, 255), Buffer.of(1)]))],
  ])('does not open on %s', (_, sealed) => {
    expect(() => openPush(aesKey, sealed)).toThrow();
  });

  it('does not open under another key', () => {
    expect(() => openPush('B'.repeat(43), encrypted)).toThrow();
  });
});
