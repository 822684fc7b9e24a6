import { randomBytes } from 'node:crypto';
import { json } from './http.ts';
import type { Reply } from './http.ts';

const meanings: Readonly<Record<number, string>> = {
  [-1]: 'system error',
  40001: 'invalid credential, access_token is invalid or not latest',
  40002: 'invalid grant_type',
  40003: 'invalid openid',
  40013: 'invalid appid',
  40029: 'invalid code',
  40066: 'invalid url',
  40125: 'invalid appsecret',
  40163: 'code been used',
  40164: 'invalid ip 127.0.0.1, not in whitelist',
  40226: 'code blocked',
  41001: 'access_token missing',
  41002: 'appid missing',
  41004: 'appsecret missing',
  41008: 'missing code',
  42001: 'access_token expired',
  43001: 'require GET method',
  43002: 'require POST method',
  44002: 'empty post data',
  45009: 'reach max api daily quota limit',
  45011: 'api minute-quota reach limit, must slower, retry next minute',
  47001: 'data format error',
  50002: 'user limited',
};

/** A business error of api.weixin.qq.com: HTTP 200 unless told, the free text with its tail. */
export function apiError(errcode: number, status = 200): Reply {
  return json(status, { errcode, errmsg: `${meanings[errcode] ?? 'error'} rid: ${rid()}` });
}

function rid(): string {
  return [4, 4, 4].map(bytes => randomBytes(bytes).toString('hex')).join('-');
}
