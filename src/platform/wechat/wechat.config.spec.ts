import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../config/load-config.js';
import { WechatConfig } from './wechat.config.js';
import { merchantKeys, platformKeys, publicKeyId } from './wechat.fixture.js';

const noYaml = join(tmpdir(), 'minnow-has-no-such-directory');
const privatePem = merchantKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const publicPem = platformKeys.publicKey.export({ type: 'spki', format: 'pem' }) as string;

const complete = {
  WECHAT_APP_ID: 'wx0123456789abcdef',
  WECHAT_APP_SECRET: 'secret-of-the-app',
  WECHAT_PAY_MCH_ID: '1900000001',
  WECHAT_PAY_MERCHANT_SERIAL: '5157f09efdc096de15ebe81a47057a7232f1b8e1',
  WECHAT_PAY_MERCHANT_PRIVATE_KEY: privatePem,
  WECHAT_PAY_API_V3_KEY: 'c1f09a4e7d52b86038ae91d7f45c2b60',
};

function load(changes: Record<string, string | undefined> = {}): WechatConfig {
  return loadConfig([WechatConfig], { ...complete, ...changes }, noYaml).get(WechatConfig);
}

function problems(changes: Record<string, string | undefined>): readonly string[] {
  try {
    load(changes);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const production = { NODE_ENV: 'production' };

describe('WechatConfig', () => {
  it('talks to the real WeChat unless told otherwise', () => {
    const config = load(production);
    expect(config.apiBaseUrl).toBe('https://api.weixin.qq.com');
    expect(config.payBaseUrl).toBe('https://api.mch.weixin.qq.com');
    expect(config.merchantSerial).toBe('5157F09EFDC096DE15EBE81A47057A7232F1B8E1');
    expect([config.connectTimeout, config.requestTimeout, config.loginTimeout]).toEqual([
      1_000, 3_000, 3_000,
    ]);
  });

  it('reads a PEM whose line ends were written as \\n', () => {
    const config = load({ WECHAT_PAY_MERCHANT_PRIVATE_KEY: privatePem.replaceAll('\n', '\\n') });
    expect(config.merchantPrivateKey.equals(merchantKeys.privateKey)).toBe(true);
  });

  it('takes the WeChat Pay public key with its id', () => {
    const config = load({ WECHAT_PAY_PUBLIC_KEY_ID: publicKeyId, WECHAT_PAY_PUBLIC_KEY: publicPem });
    expect(config.publicKey!.equals(platformKeys.publicKey)).toBe(true);
  });

  it('names every missing variable at once', () => {
    const missing = Object.fromEntries(Object.keys(complete).map(name => [name, undefined]));
    const text = problems(missing).join('\n');
    for (const name of Object.keys(complete)) expect(text).toContain(`${name} (`);
  });

  it.each([
    ['WECHAT_PAY_MERCHANT_PRIVATE_KEY', 'not a key'],
    ['WECHAT_PAY_API_V3_KEY', 'too short'],
    ['WECHAT_PAY_MCH_ID', 'abc'],
    ['WECHAT_PAY_MERCHANT_SERIAL', 'zz'],
    ['WECHAT_PAY_PUBLIC_KEY_ID', 'KEY_1'],
    ['WECHAT_API_BASE_URL', 'ftp://api.weixin.qq.com'],
    ['WECHAT_PAY_NOTIFY_URL', 'https://shop.example.com/notify?x=1'],
    ['WECHAT_PUSH_TOKEN', 'to'],
    ['WECHAT_PUSH_TOKEN', 'with-a-dash'],
  ])('refuses %s=%s by name, without repeating a secret', (name, value) => {
    const found = problems({ [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(name);
    if (name.endsWith('KEY')) expect(found[0]).not.toContain(value);
  });

  it('refuses a public key without its id, and the reverse', () => {
    expect(problems({ WECHAT_PAY_PUBLIC_KEY: publicPem })[0]).toContain('WECHAT_PAY_PUBLIC_KEY_ID');
    expect(problems({ WECHAT_PAY_PUBLIC_KEY_ID: publicKeyId })[0]).toMatch(/^WECHAT_PAY_PUBLIC_KEY /);
  });

  it('refuses an EncodingAESKey of another length, and one without its token', () => {
    const WECHAT_PUSH_ENCODING_AES_KEY = 'a'.repeat(43);
    expect(problems({ WECHAT_PUSH_ENCODING_AES_KEY })[0]).toMatch(/^WECHAT_PUSH_TOKEN /);
    expect(problems({ WECHAT_PUSH_ENCODING_AES_KEY, WECHAT_PUSH_TOKEN: 'token' })).toEqual([]);
    const [short, ...others] = problems({
      WECHAT_PUSH_ENCODING_AES_KEY: 'b'.repeat(42),
      WECHAT_PUSH_TOKEN: 'token',
    });
    expect([short, others]).toEqual([expect.stringContaining('WECHAT_PUSH_ENCODING_AES_KEY'), []]);
    expect(short).not.toContain('bbb');
  });

  it.each([
    'http://api.weixin.qq.com',
    'https://localhost',
    'https://api.localhost',
    'https://LOCALHOST.:7070',
    'https://127.0.0.1:7070',
    'https://127.1',
    'https://2130706433',
    'https://0.0.0.0',
    'https://10.1.2.3',
    'https://172.31.0.1',
    'https://192.168.1.1',
    'https://169.254.169.254',
    'https://[::1]',
    'https://[::]',
    'https://[::ffff:127.0.0.1]',
    'https://[fd00::1]',
    'https://[fe80::1]',
  ])('never lets production meet a stand-in at %s', url => {
    const variables = ['WECHAT_API_BASE_URL', 'WECHAT_PAY_BASE_URL', 'WECHAT_PAY_NOTIFY_URL'];
    const found = problems({ ...production, ...Object.fromEntries(variables.map(name => [name, url])) });
    expect(found).toHaveLength(3);
    expect(
      found.every((problem, index) => problem.includes([variables[2], variables[0], variables[1]][index]!)),
    ).toBe(true);
  });

  it('does not let a missing secret hide the stand-in', () => {
    const found = problems({
      ...production,
      WECHAT_APP_SECRET: '',
      WECHAT_API_BASE_URL: 'http://127.0.0.1:7070',
    });
    expect(found.map(line => line.split(' ')[0])).toEqual(['WECHAT_APP_SECRET', 'WECHAT_API_BASE_URL']);
  });

  it.each([
    ['WECHAT_APP_SECRET', 'changeme'],
    ['WECHAT_PAY_API_V3_KEY', 'a'.repeat(32)],
    ['WECHAT_PAY_API_V3_KEY', '0123456789abcdef0123456789abcdef'],
    ['WECHAT_PAY_API_V3_KEY', 'abcdefghijklmnopqrstuvwxyz123456'],
  ])('does not let production keep its money behind %s=%s', (name, value) => {
    expect(problems({ ...production, [name]: value })).toEqual([expect.stringMatching(`^${name} .*typed`)]);
    expect(problems({ [name]: value })).toEqual([]);
  });

  it.each(['WECHAT_CONNECT_TIMEOUT', 'WECHAT_REQUEST_TIMEOUT', 'WECHAT_LOGIN_TIMEOUT'])(
    'takes no %s of 0, which would be for ever or never',
    name => expect(problems({ [name]: '0' })).toEqual([expect.stringContaining(name)]),
  );

  it('takes public hosts in production, and anything in development', () => {
    expect(problems({ ...production, WECHAT_PAY_BASE_URL: 'https://api2.mch.weixin.qq.com' })).toEqual([]);
    expect(problems({ ...production, WECHAT_PAY_BASE_URL: 'https://8.8.8.8' })).toEqual([]);
    expect(
      problems({ WECHAT_API_BASE_URL: 'http://127.0.0.1:7070', WECHAT_PAY_NOTIFY_URL: 'http://127.0.0.1/n' }),
    ).toEqual([]);
  });
});
