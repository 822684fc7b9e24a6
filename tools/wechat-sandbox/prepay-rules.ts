import { isIPv4 } from 'node:net';
import { DAY_MS, MINUTE_MS } from './clock.ts';
import { all, flag, integer, list, oneOf, shape, text } from './rules.ts';
import type { Rule } from './rules.ts';

/** Body of `POST /v3/pay/transactions/jsapi`; amounts in fen. */
export interface PrepayBody {
  readonly appid: string;
  readonly mchid: string;
  readonly description: string;
  readonly out_trade_no: string;
  readonly time_expire?: string;
  readonly attach?: string;
  readonly notify_url: string;
  readonly amount: { readonly total: number; readonly currency?: 'CNY' };
  readonly payer: { readonly openid: string };
}

export const outTradeNo = text({ min: 6, max: 32, pattern: /^[0-9A-Za-z_\-|*]+$/ });

export const upTo = (max: number) => text({ max });

const goods = shape(
  { merchant_goods_id: upTo(32), quantity: integer(1), unit_price: integer(0) },
  { wechatpay_goods_id: upTo(32), goods_name: upTo(256) },
);
const store = shape({ id: upTo(32) }, { name: upTo(256), area_code: upTo(32), address: upTo(512) });

/** Production takes https alone; http on loopback is this sandbox's one leniency. */
export const notifyUrl: Rule = (value, field) => {
  const url = URL.parse(String(value));
  const isAllowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!isAllowed) return { field, value, issue: 'must be an https URL' };
  if (/[?#]/.test(String(value))) return { field, value, issue: 'must have no query string' };
  return undefined;
};

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
}

const isRealTime: Rule = (value, field) =>
  Number.isNaN(Date.parse(String(value))) ? { field, value, issue: 'is no point in time' } : undefined;

const time = all(text({ max: 32, pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/ }), isRealTime);

export const prepayRule = shape(
  {
    appid: upTo(32),
    mchid: upTo(32),
    description: upTo(127),
    out_trade_no: outTradeNo,
    notify_url: all(upTo(255), notifyUrl),
    amount: shape({ total: integer(1) }, { currency: oneOf('CNY') }),
    payer: shape({ openid: upTo(128) }),
  },
  {
    time_expire: time,
    attach: upTo(128),
    goods_tag: upTo(32),
    limit_pay: list(upTo(32), 8),
    support_fapiao: flag,
    detail: shape({}, { cost_price: integer(0), invoice_id: upTo(32), goods_detail: list(goods, 6000) }),
    scene_info: shape({ payer_client_ip: upTo(45) }, { device_id: upTo(32), store_info: store }),
    settle_info: shape({}, { profit_sharing: flag }),
  },
);

/** Default 7 days; sooner than a minute is raised, later than 90 days is cut. */
export function payUntilMs(body: PrepayBody, nowMs: number): number {
  if (!body.time_expire) return nowMs + 7 * DAY_MS;
  return Math.min(Math.max(Date.parse(body.time_expire), nowMs + MINUTE_MS), nowMs + 90 * DAY_MS);
}

/** Equal for the same parameters in any order of fields. */
export function fingerprint(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
