import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { epochSeconds, MINUTE_MS, SECOND_MS } from './clock.ts';
import type { Credentials } from './credentials.ts';
import type { SandboxRequest } from './http.ts';
import { PayError } from './pay-error.ts';

const SCHEME = 'WECHATPAY2-SHA256-RSA2048';
const MAX_SKEW_MS = 5 * MINUTE_MS;
const FIELDS = ['mchid', 'nonce_str', 'signature', 'timestamp', 'serial_no'] as const;

type Authorization = Readonly<Record<(typeof FIELDS)[number], string>>;

export interface SigningKey {
  readonly serial: string;
  readonly privateKey: string;
}

/**
 * The merchant's signature over the exact bytes sent: method, path with query, time, nonce, body.
 * @throws PayError SIGN_ERROR
 */
export function verifyAuthorization(request: SandboxRequest, credentials: Credentials, nowMs: number): void {
  const given = parseAuthorization(request.headers.authorization);
  if (given.mchid !== credentials.mchId) throw signError('mchid', 'is not a merchant known here');
  if (given.serial_no !== credentials.merchantSerial)
    throw signError('serial_no', 'is not the merchant certificate in use');
  if (!/^[0-9A-Za-z]{1,32}$/.test(given.nonce_str))
    throw signError('nonce_str', 'must be 1 to 32 letters and digits');
  if (!isRecent(given.timestamp, nowMs))
    throw signError('timestamp', 'Authorization timestamp is more than 5 minutes off');
  const message = lines(
    request.method,
    request.target,
    given.timestamp,
    given.nonce_str,
    request.body.toString('utf8'),
  );
  if (!isSignedByMerchant(credentials, message, given.signature))
    throw signError('signature', `sign not match, signed message must be ${JSON.stringify(message)}`);
}

/** @throws PayError SIGN_ERROR unless the scheme and each of the five fields stand there once, and nothing else. */
function parseAuthorization(header: string | undefined): Authorization {
  if (!header?.startsWith(`${SCHEME} `)) throw signError('scheme', `must be ${SCHEME}`);
  const pairs = header.slice(SCHEME.length + 1).split(',');
  const fields = new Map<string, string>();
  for (const pair of pairs) {
    const [name, value] = parseField(pair);
    if (!FIELDS.some(field => field === name) || fields.has(name))
      throw signError(name || 'authorization', 'is malformed, unknown or doubled');
    fields.set(name, value);
  }
  const missing = FIELDS.find(field => !fields.get(field));
  if (missing) throw signError(missing, 'is missing');
  return Object.fromEntries(fields) as Authorization;
}

/** `name="value"`; what is written otherwise has no name. */
function parseField(pair: string): readonly [name: string, value: string] {
  const [, name = '', value = ''] = /^\s*(\w+)="([^"]*)"\s*$/.exec(pair) ?? [];
  return [name, value];
}

function isRecent(timestamp: string, nowMs: number): boolean {
  return /^\d{10}$/.test(timestamp) && Math.abs(nowMs - Number(timestamp) * SECOND_MS) <= MAX_SKEW_MS;
}

function signError(field: string, issue: string): PayError {
  return new PayError('SIGN_ERROR', `${field}: ${issue}`, { field, issue, location: 'authorization' });
}

/** What WeChat Pay signs messages as: every line ends in a newline, also the last. */
export function lines(...parts: readonly string[]): string {
  return parts.map(part => `${part}\n`).join('');
}

export function isSignedByMerchant(
  { merchantPrivateKey }: Credentials,
  message: string,
  signatureBase64: string,
): boolean {
  if (!/^[0-9A-Za-z+/]+={0,2}$/.test(signatureBase64)) return false;
  const key = createPublicKey(parsed(merchantPrivateKey));
  return verify('RSA-SHA256', Buffer.from(message), key, Buffer.from(signatureBase64, 'base64'));
}

/** Parsing a PEM costs as much as half a signature, and there are three keys. */
const parsedKeys = new Map<string, KeyObject>();

function parsed(pem: string): KeyObject {
  const key = parsedKeys.get(pem) ?? createPrivateKey(pem);
  parsedKeys.set(pem, key);
  return key;
}

/**
 * The key the caller asked for by `Wechatpay-Serial`; without the header the platform certificate's.
 * @throws PayError when the header names neither
 */
export function chooseKey(credentials: Credentials, wanted: string | undefined): SigningKey {
  const key = [publicKeyMode(credentials), certificateMode(credentials)].find(one => one.serial === wanted);
  if (key) return key;
  if (wanted === undefined) return certificateMode(credentials);
  const detail = {
    field: 'Wechatpay-Serial',
    value: wanted,
    issue: 'is unknown',
    location: 'header',
  } as const;
  throw new PayError('PARAM_ERROR', 'Wechatpay-Serial names no key of WeChat Pay', detail);
}

export function publicKeyMode({ publicKeyId, publicKeyPrivateKey }: Credentials): SigningKey {
  return { serial: publicKeyId, privateKey: publicKeyPrivateKey };
}

export function certificateMode({ certificateSerial, certificatePrivateKey }: Credentials): SigningKey {
  return { serial: certificateSerial, privateKey: certificatePrivateKey };
}

/** WeChat Pay's own signature on what it sends, as a set of headers. */
export function signatureHeaders(key: SigningKey, body: string, nowMs: number): Record<string, string> {
  const timestamp = String(epochSeconds(nowMs));
  const nonce = randomBytes(16).toString('hex');
  const signature = sign('RSA-SHA256', Buffer.from(lines(timestamp, nonce, body)), parsed(key.privateKey));
  return {
    'Wechatpay-Serial': key.serial,
    'Wechatpay-Timestamp': timestamp,
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Signature': signature.toString('base64'),
    'Wechatpay-Signature-Type': SCHEME,
  };
}

/** The same headers as a probe: WeChat marks a deliberately wrong signature with this prefix. */
export function asSignTest(headers: Readonly<Record<string, string>>): Record<string, string> {
  return { ...headers, 'Wechatpay-Signature': `WECHATPAY/SIGNTEST/${randomBytes(192).toString('base64')}` };
}
