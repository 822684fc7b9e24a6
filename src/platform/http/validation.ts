import { StandardSchemaValidationPipe } from '@nestjs/common';
import { z } from 'zod';
import type { FieldError } from '../../kernel/app-error.js';
import { currentContext } from '../tracing/request-context.js';
import { RequestInvalid } from './http.errors.js';

const localeErrors = { zh: z.locales.zhCN().localeError, en: z.locales.en().localeError };

type Issue = z.core.$ZodRawIssue & { readonly message: string };

/** The global input pipe: zod schemas given to `@Body`, `@Query`, `@Param`, `@Headers`; strict objects refuse extras. */
export function validationPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: issues => new RequestInvalid(issues.map(issue => fieldError(issue as Issue))),
  });
}

function fieldError(issue: Issue): FieldError {
  return { path: pathOf(issue), code: issue.code ?? 'invalid', message: messageOf(issue) };
}

function pathOf(issue: Issue): string {
  const path = (issue.path ?? []).map(String);
  const extra =
    issue.code === 'unrecognized_keys' ? [String((issue as { keys?: string[] }).keys?.[0] ?? '')] : [];
  return [...path, ...extra].join('.');
}

/** zod words its messages when it parses, in one global language; here each request gets its own. */
function messageOf(issue: Issue): string {
  if (issue.code === 'custom') return issue.message;
  const localized = localeErrors[currentContext()?.language ?? 'zh'](issue);
  return (typeof localized === 'string' ? localized : localized?.message) ?? issue.message;
}
