import { sign, verify, randomBytes, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { SignatureFlaw } from '../wechat-error.js';

/** WeChat Pay API v3 signatures: RSA PKCS#1 v1.5 over SHA-256. Everything here is pure but for the random nonce. */
const scheme = 'WECHATPAY2-SHA256-RSA2048';
const probePrefix = 'WECHATPAY/SIGNTEST/';

/** Both sides refuse a message whose clock differs by more. */
export const signatureWindowSeconds = 300;

const signAsync = promisify(sign) as (algorithm: string, data: Buffer, key: KeyObject) => Promise<Buffer>;

export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as sent. */
  readonly path: string;
  readonly timestamp: number;
  readonly nonce: string;
  readonly body: string;
}

export interface MerchantIdentity {
  readonly mchId: string;
  readonly merchantSerial: string;
  readonly merchantPrivateKey: KeyObject;
}

export type MessageHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export function requestMessage({ method, path, timestamp, nonce, body }: SignedRequest): string {
  return `${method}\n${path}\n${timestamp}\n${nonce}\n${body}\n`;
}

/** What WeChat Pay signs of an answer or a notice: the body's bytes as they came, never parsed and written again. */
export function receivedMessage(timestamp: string, nonce: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')]);
}

export function paySignMessage(
  appId: string,
  timeStamp: string,
  nonceStr: string,
  packageText: string,
): string {
  return `${appId}\n${timeStamp}\n${nonceStr}\n${packageText}\n`;
}

/** 32 hexadecimal characters. */
export function newNonce(): string {
  return randomBytes(16).toString('hex');
}

/** Base64. Costs 0.7 ms of CPU, so it is done on the thread pool and not on the event loop. */
export async function signText(message: string, key: KeyObject): Promise<string> {
  return (await signAsync('sha256', Buffer.from(message), key)).toString('base64');
}

export async function authorization(merchant: MerchantIdentity, request: SignedRequest): Promise<string> {
  const fields = {
    mchid: merchant.mchId,
    nonce_str: request.nonce,
    signature: await signText(requestMessage(request), merchant.merchantPrivateKey),
    timestamp: request.timestamp,
    serial_no: merchant.merchantSerial,
  };
  const pairs = Object.entries(fields).map(([name, value]) => `${name}="${value}"`);
  return `${scheme} ${pairs.join(',')}`;
}

/**
 * Null when WeChat Pay signed these bytes within the last five minutes, else what is wrong.
 * `findKey` is asked only for messages that are otherwise in order, because it may call WeChat.
 */
export async function findSignatureFlaw(
  headers: MessageHeaders,
  body: Buffer,
  nowSeconds: number,
  findKey: (serial: string) => Promise<KeyObject | null>,
): Promise<SignatureFlaw | null> {
  const timestamp = single(headers['wechatpay-timestamp']);
  const nonce = single(headers['wechatpay-nonce']);
  const signature = single(headers['wechatpay-signature']);
  const serial = single(headers['wechatpay-serial']);
  if (!timestamp || !nonce || !signature || !serial) return 'unsigned';
  if (signature.startsWith(probePrefix)) return 'probe';
  if (!isFresh(timestamp, nowSeconds)) return 'stale';
  const key = await findKey(serial);
  if (!key) return 'unknown_serial';
  const bytes = Buffer.from(signature, 'base64');
  return verify('sha256', receivedMessage(timestamp, nonce, body), key, bytes) ? null : 'bad_signature';
}

function single(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

/** Not older and not further ahead than the window. */
export function isFresh(timestamp: string, nowSeconds: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(nowSeconds - Number(timestamp)) <= signatureWindowSeconds;
}
