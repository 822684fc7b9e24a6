import { randomBytes, sign } from 'node:crypto';
import { chinaTime } from './clock.ts';
import type { Sandbox } from './sandbox.ts';

type Env = Readonly<Record<string, string>>;

interface Call {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  /** Path to send where it must differ from the signed one. */
  readonly sentPath?: string;
  readonly body?: unknown;
  /** Bytes to send where they must differ from the JSON of `body` that is signed. */
  readonly sentBody?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly authorization?: Readonly<Record<string, string | undefined>>;
  readonly scheme?: string;
  readonly nowMs?: number;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A well-behaved merchant written from the documents, apart from the sandbox's own code; each part can be bent. */
export async function callPay(sandbox: Sandbox, call: Call): Promise<Answered> {
  const method = call.method ?? (call.body === undefined ? 'GET' : 'POST');
  const signedBody = call.body === undefined ? '' : JSON.stringify(call.body);
  const headers = definedOnly({
    accept: 'application/json',
    'content-type': call.body === undefined ? undefined : 'application/json',
    'user-agent': 'minnow-test',
    authorization: authorization(sandbox.env, method, signedBody, call),
    ...call.headers,
  });
  const body = call.sentBody ?? (signedBody || undefined);
  return read(
    await fetch(`${sandbox.url}${call.sentPath ?? call.path}`, {
      method,
      headers,
      ...(body ? { body } : {}),
    }),
  );
}

function authorization(env: Env, method: string, body: string, call: Call): string {
  const timestamp = String(Math.floor((call.nowMs ?? Date.now()) / 1000));
  const bent = { nonce_str: randomBytes(16).toString('hex'), timestamp, ...call.authorization };
  const message = `${method}\n${call.path}\n${bent.timestamp}\n${bent.nonce_str}\n${body}\n`;
  const fields = definedOnly({
    mchid: env['WECHAT_PAY_MCH_ID'],
    signature: signAsMerchant(env, message),
    serial_no: env['WECHAT_PAY_MERCHANT_SERIAL'],
    ...bent,
  });
  const pairs = Object.entries(fields).map(([name, value]) => `${name}="${value}"`);
  return `${call.scheme ?? 'WECHATPAY2-SHA256-RSA2048'} ${pairs.join(',')}`;
}

function signAsMerchant(env: Env, message: string): string {
  return sign('RSA-SHA256', Buffer.from(message), env['WECHAT_PAY_MERCHANT_PRIVATE_KEY'] ?? '').toString(
    'base64',
  );
}

/** What a shop hands to wx.requestPayment. */
export function paymentParams(env: Env, prepayId: unknown): Record<string, unknown> {
  const timeStamp = String(Math.floor(Date.now() / 1000));
  const nonceStr = randomBytes(16).toString('hex');
  const prepay = `prepay_id=${String(prepayId)}`;
  const paySign = signAsMerchant(env, `${env['WECHAT_APP_ID']}\n${timeStamp}\n${nonceStr}\n${prepay}\n`);
  return { timeStamp, nonceStr, package: prepay, signType: 'RSA', paySign };
}

export function prepayBody(env: Env, openid: string, change: object = {}): Record<string, unknown> {
  return {
    appid: env['WECHAT_APP_ID'],
    mchid: env['WECHAT_PAY_MCH_ID'],
    description: '小鱼干 100 克',
    out_trade_no: `T${randomBytes(10).toString('hex')}`,
    notify_url: 'http://127.0.0.1:9/notify',
    time_expire: chinaTime(Date.now() + 1_800_000),
    amount: { total: 1990, currency: 'CNY' },
    payer: { openid },
    ...change,
  };
}

export async function control(sandbox: Sandbox, path: string, body?: unknown): Promise<Answered> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  return read(await fetch(`${sandbox.url}/__sandbox/${path}`, init));
}

export async function callApi(sandbox: Sandbox, path: string, body?: unknown): Promise<Answered> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  return read(await fetch(`${sandbox.url}${path}`, init));
}

export async function accessToken(sandbox: Sandbox): Promise<string> {
  const { WECHAT_APP_ID: appid, WECHAT_APP_SECRET: secret } = sandbox.env;
  const content = { grant_type: 'client_credential', appid, secret };
  return String((await callApi(sandbox, '/cgi-bin/stable_token', content)).body['access_token']);
}

async function read(response: Response): Promise<Answered> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString('utf8');
  const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, headers: response.headers, bytes, text, body };
}

function definedOnly(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((pair): pair is [string, string] => Boolean(pair[1])),
  );
}
