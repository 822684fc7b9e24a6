import { sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  authorization,
  findSignatureFlaw,
  newNonce,
  paySignMessage,
  receivedMessage,
  requestMessage,
  signText,
} from './pay-signature.js';
import {
  TestClock,
  certificateKey,
  merchantKeys,
  platformKeys,
  publicKeyId,
  signedHeaders,
  testConfig,
} from '../wechat.fixture.js';

const clock = new TestClock();
const body = '{"prepay_id":"wx201410272009395522657a690389285100"}';
const findKey = async (serial: string) => (serial === publicKeyId ? platformKeys.publicKey : null);

const flawOf = (headers: Record<string, string | string[] | undefined>, bytes = body) =>
  findSignatureFlaw(headers, Buffer.from(bytes), clock.seconds, findKey);

describe('messages to sign', () => {
  it('keeps the empty body line and the last line end of a GET', () => {
    const request = {
      method: 'GET',
      path: '/v3/certificates',
      timestamp: 1554208460,
      nonce: '593BEC0C930BF1AF',
      body: '',
    };
    expect(requestMessage(request)).toBe('GET\n/v3/certificates\n1554208460\n593BEC0C930BF1AF\n\n');
  });

  it('signs path and query exactly as sent', () => {
    const path = '/v3/pay/transactions/out-trade-no/A%7CB?mchid=1900000001';
    const request = { method: 'POST', path, timestamp: 1, nonce: 'n', body: '{"a":1}' };
    expect(requestMessage(request)).toBe(`POST\n${path}\n1\nn\n{"a":1}\n`);
  });

  it('keeps the empty body line of a 204', () => {
    expect(receivedMessage('1722850421', 'd824f2e0', Buffer.alloc(0)).toString()).toBe(
      '1722850421\nd824f2e0\n\n',
    );
  });

  it('lets bytes that are not UTF-8 through unchanged', () => {
    const bytes = Buffer.from([0xff, 0xfe]);
    expect(receivedMessage('1', 'n', bytes)).toEqual(
      Buffer.concat([Buffer.from('1\nn\n'), bytes, Buffer.from('\n')]),
    );
  });

  it('builds paySign in the official order', () => {
    const message = paySignMessage(
      'wx2421b1c4370ec43b',
      '1554208460',
      '593BEC0C930BF1AFEB40B4A08C8FB242',
      'prepay_id=wx201410272009395522657a690389285100',
    );
    expect(message).toBe(
      'wx2421b1c4370ec43b\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\nprepay_id=wx201410272009395522657a690389285100\n',
    );
  });
});

describe('signing', () => {
  const nonce = '593BEC0C930BF1AFEB40B4A08C8FB242';

  it('round-trips through the merchant key', async () => {
    const signature = Buffer.from(await signText('message', merchantKeys.privateKey), 'base64');
    expect(verify('sha256', Buffer.from('message'), merchantKeys.publicKey, signature)).toBe(true);
    expect(verify('sha256', Buffer.from('massage'), merchantKeys.publicKey, signature)).toBe(false);
  });

  // By `openssl dgst -sha256 -sign` with the fixture's key: PKCS #1 v1.5 gives a message one signature.
  it.each([
    [
      'a request',
      requestMessage({ method: 'GET', path: '/v3/certificates', timestamp: 1554208460, nonce, body: '' }),
      'D3GfNa8LgK+u2juObwhMI2EkrfE/ug/HbJQtwnr85v8wAUwbrg9rfRyU3BurK2GWTKQBb8heO97YdCjXH3IYgNFssjnDHj4xtk85uFMUugzZNV4GLuDTCCEO/hxutTNRWpvJEaARerfE0lF0T77J9+FUpCYHQgmBoX3uebOkx7iUxoN62TccUEyqMH3o0wg1JJlfHJ2fVTkQe5rOxOYaMS3MfdQvIeUVRR8zAFjEcztlU7KC7Hk0uAy+yMfeGqFVIXtMcwGNrlFKmVzBghImsVCESfdFmn8OV3jCZYP0pJfyuJ2eEzIW35C+1evjgMVH5gHafd13kB5wxGW6B4q3Dw==',
    ],
    [
      'a payment on the phone',
      paySignMessage(
        'wx2421b1c4370ec43b',
        '1554208460',
        nonce,
        'prepay_id=wx201410272009395522657a690389285100',
      ),
      'eYO0r+RPd9OEuZgwXnHPpBC1Y5I4XzsyVqLlTFSSG558OxC+n0cc8xwmIx/dyCGpNkPxU2Ql4SI0IyVX/y1x4pIJTLNFXaZSHIgYiEh/vqHfeslePvmUAT356qk9CNGMLl/eEHqzIVKXWTASEbCnfXvQ4xIeazEWBy6JLKX72BhrexCcBbwRD0O8ejSKzQqSH2yQbqdZGk0gYw3kA80EpczlriT7bk7xXEF/54ea3UajIgv/AmTjf442O6WjdM1LxbmIszG9aEXuzUDw338EwQm+vAPiOzwZ5+FqoQJxSQlDgeaqU9fE6lvsGbUen+5tb+lidBM8FanmsJt1ksexlQ==',
    ],
  ])('gives %s the signature that OpenSSL gives it', async (_, message, signature) => {
    expect(await signText(message, certificateKey)).toBe(signature);
  });

  it('puts all five fields into Authorization, over the same values it signs', async () => {
    const request = {
      method: 'POST',
      path: '/v3/x?y=1',
      timestamp: 1700000000,
      nonce: newNonce(),
      body: '{}',
    };
    const header = await authorization(testConfig(), request);
    expect(header.startsWith('WECHATPAY2-SHA256-RSA2048 ')).toBe(true);
    const fields = Object.fromEntries(
      [...header.matchAll(/(\w+)="([^"]*)"/g)].map(match => [match[1], match[2]]),
    );
    expect(fields).toMatchObject({
      mchid: '1900000001',
      nonce_str: request.nonce,
      timestamp: '1700000000',
      serial_no: '5157F09EFDC096DE15EBE81A47057A7232F1B8E1',
    });
    const signature = Buffer.from(fields['signature'], 'base64');
    expect(verify('sha256', Buffer.from(requestMessage(request)), merchantKeys.publicKey, signature)).toBe(
      true,
    );
  });

  it('makes nonces WeChat takes: at most 32 letters and digits, never twice', () => {
    const nonces = new Set(Array.from({ length: 100 }, newNonce));
    expect(nonces.size).toBe(100);
    for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-zA-Z]{1,32}$/);
  });
});

describe('received messages', () => {
  it('believes what WeChat Pay signed', async () => {
    expect(await flawOf(signedHeaders(body, clock))).toBeNull();
  });

  it('refuses a body changed by one byte', async () => {
    expect(await flawOf(signedHeaders(body, clock), body.replace('wx2', 'wx3'))).toBe('bad_signature');
    expect(await flawOf(signedHeaders(body, clock), `${body} `)).toBe('bad_signature');
  });

  it('refuses the signature of another key under a known serial', async () => {
    expect(await flawOf(signedHeaders(body, clock, publicKeyId, merchantKeys.privateKey))).toBe(
      'bad_signature',
    );
  });

  it('refuses a serial it does not know', async () => {
    expect(await flawOf(signedHeaders(body, clock, 'PUB_KEY_ID_OTHER'))).toBe('unknown_serial');
  });

  it.each(['serial', 'timestamp', 'nonce', 'signature'])('refuses a message without %s', async name => {
    const headers = signedHeaders(body, clock);
    expect(await flawOf({ ...headers, [`wechatpay-${name}`]: undefined })).toBe('unsigned');
    expect(await flawOf({ ...headers, [`wechatpay-${name}`]: '' })).toBe('unsigned');
    expect(await flawOf({ ...headers, [`wechatpay-${name}`]: ['a', 'b'] })).toBe('unsigned');
  });

  it.each([-301, 301, Number.NaN])(
    'refuses a replay %s seconds off, before it looks for a key',
    async offset => {
      const headers = {
        ...signedHeaders(body, clock),
        'wechatpay-timestamp': String(clock.seconds + offset),
      };
      const asked: string[] = [];
      const flaw = await findSignatureFlaw(headers, Buffer.from(body), clock.seconds, async serial => {
        asked.push(serial);
        return null;
      });
      expect([flaw, asked]).toEqual(['stale', []]);
    },
  );

  it('takes a message from the edge of the window', async () => {
    const early = new TestClock();
    early.nowMs = clock.nowMs - 300_000;
    expect(await flawOf(signedHeaders(body, early))).toBeNull();
  });

  it('tells a signature probe from a forgery', async () => {
    const headers = { ...signedHeaders(body, clock), 'wechatpay-signature': 'WECHATPAY/SIGNTEST/abcdef==' };
    expect(await flawOf(headers)).toBe('probe');
  });

  it.each(['', '====', 'not base64 at all', 'AAAA'])('survives the signature %j', async signature => {
    const flaw = await flawOf({ ...signedHeaders(body, clock), 'wechatpay-signature': signature });
    expect(flaw).toBe(signature === '' ? 'unsigned' : 'bad_signature');
  });

  it('does not take PSS or SHA-1 signatures for ours', async () => {
    const headers = signedHeaders(body, clock);
    const message = receivedMessage(
      headers['wechatpay-timestamp'],
      headers['wechatpay-nonce'],
      Buffer.from(body),
    );
    const sha1 = sign('sha1', message, platformKeys.privateKey).toString('base64');
    expect(await flawOf({ ...headers, 'wechatpay-signature': sha1 })).toBe('bad_signature');
  });
});
