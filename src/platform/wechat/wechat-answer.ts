import type { z } from 'zod';
import { WechatAnswerMismatch, WechatUnavailable } from './wechat-error.js';

/**
 * The JSON of an answer, checked; fields we do not know are ignored because WeChat adds some now and then.
 * The mini-program API labels its JSON `text/plain`, so the content type is not asked.
 * @throws WechatUnavailable when it is something else, such as the HTML of a gateway.
 */
export function readAnswer<S extends z.ZodType>(schema: S, body: Buffer, operation: string): z.output<S> {
  const result = schema.safeParse(parseJson(body));
  if (result.success) return result.data;
  throw new WechatUnavailable(`WeChat's answer to ${operation} has an unknown form`, { cause: result.error });
}

/** @throws WechatAnswerMismatch naming the fields in which a signed answer is not about what was asked. */
export function assertAbout<T extends object>(operation: string, answer: T, asked: Partial<T>): void {
  const names = Object.keys(asked) as (keyof T & string)[];
  const differing = names.filter(name => answer[name] !== asked[name]);
  if (differing.length > 0) throw new WechatAnswerMismatch(operation, differing);
}

/** Of a primitive, `source` is the text it was written as (ECMAScript 2026). */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

const parse = JSON.parse as (text: string, reviver?: Reviver) => unknown;

/** Undefined for bytes that are not JSON: no schema here accepts undefined. */
export function parseJson(bytes: Buffer, reviver?: Reviver): unknown {
  try {
    return parse(bytes.toString('utf8'), reviver);
  } catch {
    return undefined;
  }
}
