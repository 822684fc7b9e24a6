import { createPublicKey, generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import { DAY_MS } from './clock.ts';
import { newEncodingAesKey } from './push-seal.ts';
import { selfSignedCertificate } from './x509.ts';

/** Keys are PEM; private ones PKCS#8. */
export interface Credentials {
  readonly appId: string;
  readonly appSecret: string;
  readonly mchId: string;
  readonly merchantSerial: string;
  readonly merchantPrivateKey: string;
  readonly apiV3Key: string;
  /** Message push: known to both sides. */
  readonly pushToken: string;
  readonly pushAesKey: string;
  /** WeChat's side, public-key mode. */
  readonly publicKeyId: string;
  readonly publicKeyPrivateKey: string;
  /** WeChat's side, platform certificate mode. */
  readonly certificate: string;
  readonly certificateSerial: string;
  readonly certificatePrivateKey: string;
  readonly certificateFromMs: number;
  readonly certificateUntilMs: number;
}

const CERTIFICATE_LIFE_MS = 5 * 365 * DAY_MS;

export function createCredentials(nowMs: number): Credentials {
  const certificatePrivateKey = rsaPrivateKey();
  const certificateSerial = serial();
  // X.509 has whole seconds; what /v3/certificates says must equal what the certificate says.
  const certificateFromMs = Math.floor((nowMs - DAY_MS) / 1000) * 1000;
  const certificateUntilMs = certificateFromMs + CERTIFICATE_LIFE_MS;
  return {
    appId: `wx${randomBytes(8).toString('hex')}`,
    appSecret: randomBytes(16).toString('hex'),
    mchId: digits(10),
    merchantSerial: serial(),
    merchantPrivateKey: rsaPrivateKey(),
    apiV3Key: randomBytes(16).toString('hex'),
    pushToken: randomBytes(16).toString('hex'),
    pushAesKey: newEncodingAesKey(),
    publicKeyId: `PUB_KEY_ID_${digits(32)}`,
    publicKeyPrivateKey: rsaPrivateKey(),
    certificate: selfSignedCertificate({
      privateKey: certificatePrivateKey,
      serial: certificateSerial,
      commonName: 'Minnow WeChat sandbox',
      notBeforeMs: certificateFromMs,
      notAfterMs: certificateUntilMs,
    }),
    certificateSerial,
    certificatePrivateKey,
    certificateFromMs,
    certificateUntilMs,
  };
}

/** The environment that points a shop at this sandbox instead of WeChat. */
export function toEnv(credentials: Credentials, url: string): Readonly<Record<string, string>> {
  return {
    WECHAT_APP_ID: credentials.appId,
    WECHAT_APP_SECRET: credentials.appSecret,
    WECHAT_API_BASE_URL: url,
    WECHAT_PAY_BASE_URL: url,
    WECHAT_PAY_MCH_ID: credentials.mchId,
    WECHAT_PAY_MERCHANT_SERIAL: credentials.merchantSerial,
    WECHAT_PAY_MERCHANT_PRIVATE_KEY: credentials.merchantPrivateKey,
    WECHAT_PAY_API_V3_KEY: credentials.apiV3Key,
    WECHAT_PAY_PUBLIC_KEY_ID: credentials.publicKeyId,
    WECHAT_PAY_PUBLIC_KEY: publicPem(credentials.publicKeyPrivateKey),
    WECHAT_PUSH_TOKEN: credentials.pushToken,
    WECHAT_PUSH_ENCODING_AES_KEY: credentials.pushAesKey,
  };
}

function publicPem(privatePem: string): string {
  return createPublicKey(privatePem).export({ type: 'spki', format: 'pem' }).toString();
}

export function digits(count: number): string {
  return Array.from({ length: count }, (_, at) => randomInt(at === 0 ? 1 : 0, 10)).join('');
}

function rsaPrivateKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** 40 hex digits whose first is 4..7: positive in X.509 and never shortened by a leading zero. */
function serial(): string {
  const bytes = randomBytes(20);
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
  return bytes.toString('hex').toUpperCase();
}
