import { randomUUID } from 'node:crypto';
import { seal } from '../../tools/wechat-sandbox/aead.ts';
import type { Credentials } from '../../tools/wechat-sandbox/credentials.ts';
import {
  publicKeyMode,
  signatureHeaders,
  type SigningKey,
} from '../../tools/wechat-sandbox/pay-signature.ts';
import type { TestApp } from './app.ts';

type Json = Record<string, unknown>;

export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface NoticeOptions {
  /** Fields of the trade that differ from what was really paid. */
  readonly trade?: Json;
  /** Fields of the message around it. */
  readonly envelope?: Json;
  readonly key?: SigningKey;
  readonly apiV3Key?: string;
  /** Of the signature; negative is the past. */
  readonly ageMs?: number;
}

/** The trade WeChat would report had this order been paid in full by its owner. */
async function paidTrade({ database }: TestApp, number: string): Promise<Json> {
  const sql = 'select prepay_request as request from payments where reference = $1';
  const { rows } = await database.query<{ request: string }>(sql, [number]);
  const request = JSON.parse(rows[0]!.request) as Json & { amount: Json };
  return {
    appid: request['appid'],
    mchid: request['mchid'],
    payer: request['payer'],
    out_trade_no: number,
    transaction_id: `4200${number}`,
    trade_type: 'JSAPI',
    trade_state: 'SUCCESS',
    success_time: new Date().toISOString(),
    amount: { total: request.amount['total'], currency: 'CNY' },
  };
}

/** A notice as only WeChat can write it, about an order that WeChat itself may know nothing of. */
export async function writeNotice(
  shop: TestApp,
  credentials: Credentials,
  number: string,
  {
    trade = {},
    envelope = {},
    key = publicKeyMode(credentials),
    apiV3Key = credentials.apiV3Key,
    ageMs = 0,
  }: NoticeOptions = {},
): Promise<Message> {
  const plain = JSON.stringify({ ...(await paidTrade(shop, number)), ...trade });
  const body = JSON.stringify({
    id: randomUUID(),
    create_time: new Date().toISOString(),
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: { original_type: 'transaction', ...seal(apiV3Key, plain, 'transaction') },
    ...envelope,
  });
  return signed(key, body, Date.now() - ageMs);
}

export function signed(key: SigningKey, body: string, atMs = Date.now()): Message {
  return { headers: { 'content-type': 'application/json', ...signatureHeaders(key, body, atMs) }, body };
}

export interface NoticeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export async function deliver({ url }: TestApp, { headers, body }: Message): Promise<NoticeAnswer> {
  const response = await fetch(`${url}/api/v1/wechat/pay/notify`, { method: 'POST', headers, body });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
