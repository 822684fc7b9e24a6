import { describe, expect, it } from 'vitest';
import { AppError, type ErrorKind } from '../../../kernel/app-error.js';
import { HttpError, toAppError } from './http.errors.js';
import { kindRules, languageOf, toProblem } from './problem.js';

class Broken extends AppError {
  readonly kind = 'internal';
  readonly code = 'internal';
  override readonly details = { password: 'hidden' };

  constructor() {
    super('connection string postgres://minnow:hidden@db');
  }
}

describe('a problem', () => {
  it('shows nothing of what went wrong inside', () => {
    const text = JSON.stringify(toProblem(new Broken(), 'en', 't'));
    expect(text).not.toContain('hidden');
    expect(JSON.parse(text)).toEqual({
      type: 'urn:minnow:problem:internal',
      title: 'Something went wrong',
      status: 500,
      code: 'internal',
      traceId: 't',
    });
  });

  it('gives every kind a status and a sentence in both languages', () => {
    for (const kind of Object.keys(kindRules) as ErrorKind[]) {
      const error = new HttpError(kind, 'some.code', 'message');
      const [zh, en] = [toProblem(error, 'zh', 't'), toProblem(error, 'en', 't')];
      expect(zh.status).toBeGreaterThanOrEqual(400);
      expect(zh.title).toMatch(/[\u4e00-\u9fff]/);
      expect(en.title).toMatch(/^[\x20-\x7e]+$/);
    }
  });

  it.each([
    [undefined, 'zh'],
    ['', 'zh'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['en', 'en'],
    ['en-GB,zh;q=0.5', 'en'],
    ['fr-FR, en;q=0.7', 'en'],
    ['fr', 'zh'],
    ['zh;q=0.5, en;q=0.9', 'en'],
    ['en;q=0.5,zh-TW;q=0.9', 'zh'],
    ['en;q=0.8, zh;q=0.8', 'en'],
    ['zh;q=0, EN-us;q=0.1', 'en'],
    ['en;q=0', 'zh'],
    ['en;q=nonsense', 'en'],
  ])('speaks the language of Accept-Language %j', (header, language) => {
    expect(languageOf(header)).toBe(language);
  });

  it.each([
    [404, 'absent'],
    [413, 'too_large'],
    [415, 'unsupported'],
    [418, 'invalid'],
    [503, 'unavailable'],
    [500, 'internal'],
    [undefined, 'internal'],
  ])('makes of a framework error with status %s the kind %s', (statusCode, kind) => {
    expect(toAppError(Object.assign(new Error('x'), { statusCode })).kind).toBe(kind);
    expect(toAppError('a thrown string').kind).toBe('internal');
  });
});
