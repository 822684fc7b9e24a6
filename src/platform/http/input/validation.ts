import type { PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import type { FieldError } from '../../../kernel/app-error.js';
import { currentContext } from '../../tracing/request-context.js';
import { bilingual } from '../problem/bilingual.js';
import { RequestInvalid } from '../problem/http.errors.js';

const localeErrors = { zh: z.locales.zhCN().localeError, en: z.locales.en().localeError };

/** NUL, which PostgreSQL refuses, and half a surrogate pair, which UTF-8 has no bytes for. */
const unstorable = /[\0\p{Cs}]/u;
const unstorableMessage = bilingual('含有无法保存的字符', 'has characters that cannot be stored');

/** An answer stays small however large the request was: who sends 100,000 mistakes is told of the first ones. */
const maxErrors = 20;
const maxLength = 200;

/** The global input pipe: zod schemas given to `@Body`, `@Query`, `@Param`, `@Headers`; strict objects refuse extras. */
export function validationPipe(): PipeTransform {
  return { transform: (value: unknown, { schema }) => (schema ? accept(value, schema) : value) };
}

/**
 * What a schema makes of a raw value; every schema here is zod's. Its refusals are worded while the input is at hand: a
 * finished issue has lost it.
 * @throws RequestInvalid
 */
export function accept(value: unknown, schema: object): unknown {
  const { data, error } = (schema as z.ZodType).safeParse(value, worded);
  if (error) throw new RequestInvalid(error.issues.slice(0, maxErrors).map(fieldError));
  // After the schema, which has bounded the depth.
  const errors = unstorableTexts(data, '');
  if (errors.length > 0) throw new RequestInvalid(errors.slice(0, maxErrors));
  return data;
}

function unstorableTexts(value: unknown, path: string): readonly FieldError[] {
  if (typeof value === 'string')
    return unstorable.test(value)
      ? [{ path: shortened(path), code: 'unstorable', message: unstorableMessage }]
      : [];
  if (typeof value !== 'object' || value === null) return [];
  const inside = path === '' ? '' : `${path}.`;
  return Object.entries(value).flatMap(([key, inner]) => unstorableTexts(inner, inside + key));
}

function fieldError(issue: z.core.$ZodIssue): FieldError {
  const extra = issue.code === 'unrecognized_keys' ? firstOf(issue.keys) : [];
  const path = shortened([...issue.path, ...extra].map(String).join('.'));
  return { path, code: issue.code, message: issue.message };
}

/** What zod says about a mistake, in the language of the request, where its schema says nothing of its own. */
const wordOf: z.core.$ZodErrorMap = issue => {
  const short = issue.code === 'unrecognized_keys' ? { ...issue, keys: firstOf(issue.keys) } : issue;
  return localeErrors[currentContext()?.language ?? 'zh'](short);
};

const worded = { error: wordOf };

/** Clients may name their extra fields as they like, as many as they like; one is enough to tell the mistake. */
function firstOf(keys: readonly string[]): string[] {
  return keys.slice(0, 1).map(shortened);
}

function shortened(text: string): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength).toWellFormed()}…`;
}
