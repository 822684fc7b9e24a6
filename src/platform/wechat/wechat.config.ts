import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { configSlice, type SliceProblem } from '../config/config-slice.js';
import { duration, httpUrl, int, looksTyped, secret, text, typedFlaw } from '../config/fields.js';
import { publicUrlFlaw } from '../config/public-host.js';

/** A PEM in an environment variable often has its line ends written as `\n`. */
function rsaKey(parse: (pem: string) => KeyObject, what: string) {
  return z.string().transform((pem, context) => {
    const key = tryParse(parse, pem.replaceAll('\\n', '\n').trim());
    if (key?.asymmetricKeyType === 'rsa') return key;
    context.addIssue({ code: 'custom', message: `must be ${what} in PEM form` });
    return z.NEVER;
  });
}

function tryParse(parse: (pem: string) => KeyObject, pem: string): KeyObject | null {
  try {
    return parse(pem);
  } catch {
    return null;
  }
}

const fields = {
  appId: text().describe('the mini-program'),
  appSecret: secret(text()).describe('AppSecret of the mini-program'),
  apiBaseUrl: httpUrl().prefault('https://api.weixin.qq.com').describe('mini-program server API'),
  payBaseUrl: httpUrl().prefault('https://api.mch.weixin.qq.com').describe('WeChat Pay API v3'),
  mchId: z
    .string()
    .regex(/^\d{1,32}$/, 'must be digits')
    .meta({ env: 'WECHAT_PAY_MCH_ID', description: 'merchant number' }),
  merchantSerial: z
    .string()
    .regex(/^[0-9A-Fa-f]{16,64}$/, 'must be the hexadecimal serial number of the merchant certificate')
    .transform(serial => serial.toUpperCase())
    .meta({
      env: 'WECHAT_PAY_MERCHANT_SERIAL',
      description: 'serial number of the merchant API certificate',
    }),
  merchantPrivateKey: rsaKey(createPrivateKey, 'an RSA private key').meta({
    env: 'WECHAT_PAY_MERCHANT_PRIVATE_KEY',
    secret: true,
    description: 'PEM of the merchant API certificate’s key',
  }),
  apiV3Key: z
    .string()
    .refine(key => Buffer.byteLength(key) === 32, 'must be exactly 32 bytes')
    .meta({
      env: 'WECHAT_PAY_API_V3_KEY',
      secret: true,
      description: 'APIv3 key: decrypts notices and certificates',
    }),
  publicKeyId: z
    .string()
    .regex(/^PUB_KEY_ID_[0-9A-Za-z]+$/, 'must look like PUB_KEY_ID_0123…')
    .optional()
    .meta({
      env: 'WECHAT_PAY_PUBLIC_KEY_ID',
      description: 'id of the WeChat Pay public key; unset: platform certificates',
    }),
  publicKey: rsaKey(createPublicKey, 'an RSA public key')
    .optional()
    .meta({ env: 'WECHAT_PAY_PUBLIC_KEY', description: 'PEM of the WeChat Pay public key' }),
  notifyUrl: httpUrl().optional().meta({
    env: 'WECHAT_PAY_NOTIFY_URL',
    description: 'where WeChat Pay reports payments; https, without a query',
  }),
  pushToken: z
    .string()
    .regex(/^[A-Za-z0-9]{3,32}$/, 'must be 3 to 32 letters and digits')
    .optional()
    .meta({ secret: true, description: 'token of the message push; unset: pushes are answered 404' }),
  pushAesKey: z
    .string()
    .regex(/^[A-Za-z0-9]{43}$/, 'must be 43 letters and digits')
    .optional()
    .meta({
      env: 'WECHAT_PUSH_ENCODING_AES_KEY',
      secret: true,
      description: 'EncodingAESKey of the message push (secure mode); set: plain messages are refused',
    }),
  connectTimeout: duration({ min: '10ms' })
    .prefault('1s')
    .describe('longest wait for a connection to WeChat'),
  requestTimeout: duration({ min: '10ms' })
    .prefault('3s')
    .describe('longest wait for one operation, repeats included'),
  loginTimeout: duration({ min: '10ms' }).prefault('3s').describe('the same for the login of a shopper'),
  billTimeout: duration({ min: '10ms' })
    .prefault('60s')
    .describe('longest wait for the file of a day’s bill'),
  awayFor: duration({ min: '100ms' })
    .prefault('15s')
    .describe('after three failures in a row, what can wait is not asked for so long'),
  maxInFlight: int(1, 10_000)
    .default(128)
    .describe('calls under way at once to the API, and to Pay; one more is refused at once'),
};

type Values = Partial<z.output<z.ZodObject<typeof fields>>>;
type Problems = readonly SliceProblem<Values>[];

function rule(values: Values, production: boolean): Problems {
  return [
    ...keyPair(values),
    ...pushPair(values),
    ...notifyUrl(values, production),
    ...(production ? [...typedSecrets(values), ...baseUrls(values)] : []),
  ];
}

/** WeChat hands out the one and the merchant chooses the other; both are random where somebody took care. */
function typedSecrets(values: Values): Problems {
  const secrets = ['appSecret', 'apiV3Key'] as const;
  return secrets
    .filter(field => looksTyped(values[field] ?? ''))
    .map(field => ({ field, message: typedFlaw }));
}

function keyPair({ publicKeyId, publicKey }: Values): Problems {
  if ((publicKeyId === undefined) === (publicKey === undefined)) return [];
  const field = publicKey ? 'publicKeyId' : 'publicKey';
  return [{ field, message: 'the WeChat Pay public key and its id are set together or not at all' }];
}

function pushPair({ pushToken, pushAesKey }: Values): Problems {
  if (pushToken !== undefined || pushAesKey === undefined) return [];
  return [{ field: 'pushToken', message: 'is required beside the EncodingAESKey' }];
}

function notifyUrl({ notifyUrl: url }: Values, production: boolean): Problems {
  if (url === undefined) return [];
  if (/[?#]/.test(url))
    return [{ field: 'notifyUrl', message: 'WeChat Pay takes no query or fragment here' }];
  return production ? publicHttps('notifyUrl', url) : [];
}

/** This is how production never meets a stand-in for WeChat. */
function baseUrls(values: Values): Problems {
  return [...publicHttps('apiBaseUrl', values.apiBaseUrl), ...publicHttps('payBaseUrl', values.payBaseUrl)];
}

function publicHttps(field: keyof Values, text: string | undefined): Problems {
  const message = text === undefined ? null : publicUrlFlaw(text);
  return message === null ? [] : [{ field, message }];
}

/** How the shop reaches WeChat: the mini-program's and the merchant's identity, keys and time limits. */
export class WechatConfig extends configSlice('wechat', fields, rule) {}
