import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bilingual } from './bilingual.js';
import { RequestInvalid } from './http.errors.js';
import { someChange, visibleText } from '../input/input-fields.js';
import { pageQuery } from '../input/page-query.js';
import { toProblem, type Language } from './problem.js';

/** What a client that speaks `language` reads about `value`. */
function told(schema: z.ZodType, value: unknown, language: Language): readonly string[] {
  const issues = schema.safeParse(value).error?.issues ?? [];
  const fields = issues.map(({ code, message }) => ({ path: '', code, message }));
  return (toProblem(new RequestInvalid(fields), language, 't').errors ?? []).map(({ message }) => message);
}

describe('a message about a field', () => {
  it.each([
    ['text that cannot be shown', visibleText(9), 'a\u202Eb'],
    ['a change of nothing', someChange(z.strictObject({ a: z.string().optional() })), {}],
    ['a cursor of another list', z.strictObject(pageQuery()), { cursor: 'x' }],
    ['a refinement', z.string().refine(() => false, bilingual('不行', 'no')), 'x'],
  ])('speaks the language of the client, and only that: %s', (_, schema, value) => {
    expect(told(schema, value, 'en').join()).toMatch(/^[ -~]+$/);
    expect(told(schema, value, 'zh').join()).toMatch(/\p{Script=Han}/u);
    expect(told(schema, value, 'zh').join()).not.toContain(told(schema, value, 'en').join());
  });

  it('that has one language only is told to everybody', () => {
    const schema = z.string().refine(() => false, 'no');
    expect([told(schema, 'x', 'zh'), told(schema, 'x', 'en')]).toEqual([['no'], ['no']]);
  });
});
