import type { AppError, ErrorKind, FieldError, LocalizedText } from '../../../kernel/app-error.js';
import { inLanguage } from './bilingual.js';

export type Language = keyof LocalizedText;

/** RFC 9457 problem details with Minnow's `code`, `traceId` and field errors. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly traceId: string;
  readonly errors?: readonly FieldError[];
  readonly [extension: string]: unknown;
}

interface KindRule {
  readonly status: number;
  readonly logLevel: 'debug' | 'warn' | 'error';
  readonly title: LocalizedText;
}

/** The one place where a kind becomes a status and a log level. */
export const kindRules: Readonly<Record<ErrorKind, KindRule>> = {
  invalid: {
    status: 400,
    logLevel: 'debug',
    title: { zh: '请求内容不正确', en: 'The request is not valid' },
  },
  unauthenticated: { status: 401, logLevel: 'debug', title: { zh: '请先登录', en: 'Please log in' } },
  forbidden: { status: 403, logLevel: 'debug', title: { zh: '没有权限', en: 'Not allowed' } },
  absent: { status: 404, logLevel: 'debug', title: { zh: '未找到', en: 'Not found' } },
  conflict: {
    status: 409,
    logLevel: 'debug',
    title: { zh: '与当前状态冲突', en: 'In conflict with the current state' },
  },
  too_large: {
    status: 413,
    logLevel: 'debug',
    title: { zh: '请求内容过大', en: 'The request is too large' },
  },
  unsupported: {
    status: 415,
    logLevel: 'debug',
    title: { zh: '不支持的内容类型', en: 'Unsupported content type' },
  },
  unprocessable: {
    status: 422,
    logLevel: 'debug',
    title: { zh: '请求无法处理', en: 'The request cannot be processed' },
  },
  throttled: {
    status: 429,
    logLevel: 'debug',
    title: { zh: '请求过于频繁，请稍后再试', en: 'Too many requests, try again later' },
  },
  unavailable: {
    status: 503,
    logLevel: 'warn',
    title: { zh: '服务繁忙，请稍后再试', en: 'Busy, try again in a moment' },
  },
  internal: { status: 500, logLevel: 'error', title: { zh: '服务器出错了', en: 'Something went wrong' } },
};

export function toProblem(error: AppError, language: Language, traceId: string): Problem {
  const { status, title } = kindRules[error.kind];
  return {
    type: `urn:minnow:problem:${error.code}`,
    title: (error.title ?? title)[language],
    status,
    code: error.code,
    ...(error.kind === 'internal' ? {} : error.details),
    traceId,
    ...(error.fields ? { errors: error.fields.map(field => translate(field, language)) } : {}),
  };
}

function translate(field: FieldError, language: Language): FieldError {
  return { ...field, message: inLanguage(field.message, language) };
}

/** One of our languages in Accept-Language, of whatever region, and its weight (RFC 9110 §12.5.4). */
const ourRange = /(?:^|,)\s*(zh|en)[^,;]*(?:;\s*q=([\d.]+))?/gi;

/** What comes first and has no weight is wanted most: so phones send it. */
const firstChoice = /^(zh|en)(?:-[\w-]+)?(?:,|$)/i;

/** `zh` unless the client prefers English; mini-programs send the phone's language. */
export function languageOf(acceptLanguage = ''): Language {
  const first = firstChoice.exec(acceptLanguage)?.[1];
  return first === undefined ? heaviestOf(acceptLanguage) : toLanguage(first);
}

function heaviestOf(acceptLanguage: string): Language {
  let preferred: { language: Language; weight: number } = { language: 'zh', weight: 0 };
  if (acceptLanguage === '') return preferred.language;
  for (const [, tag = '', quality = '1'] of acceptLanguage.matchAll(ourRange)) {
    const weight = Number(quality);
    if (weight > preferred.weight) preferred = { language: toLanguage(tag), weight };
  }
  return preferred.language;
}

function toLanguage(tag: string): Language {
  return tag.toLowerCase() === 'en' ? 'en' : 'zh';
}
