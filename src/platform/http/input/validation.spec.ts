import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runInContext } from '../../tracing/request-context.js';
import { untraced } from '../../tracing/spans.js';
import { bilingual } from '../problem/bilingual.js';
import { RequestInvalid } from '../problem/http.errors.js';
import { validationPipe } from './validation.js';

function mistakesIn(schema: z.ZodType, value: unknown) {
  try {
    validationPipe().transform(value, { type: 'body', schema });
  } catch (error) {
    if (error instanceof RequestInvalid) return error.fields;
    throw error;
  }
  throw new Error('taken for valid');
}

const address = z.strictObject({ name: z.string() });

describe('what is told about a bad request', () => {
  it('does not repeat 100,000 fields that nobody asked for', () => {
    const extra = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`extra${index}`, 1]));
    expect(mistakesIn(address, { name: 'a', ...extra })).toEqual([
      { path: 'extra0', code: 'unrecognized_keys', message: expect.stringMatching(/extra0"$/) },
    ]);
  });

  it.each([
    ['a missing field', {}, '期望 string，实际接收 undefined', 'expected string, received undefined'],
    ['a null', { name: null }, '期望 string，实际接收 空值(null)', 'expected string, received null'],
    [
      'a field of another type',
      { name: 7 },
      '期望 string，实际接收 数字',
      'expected string, received number',
    ],
    ['an extra field', { name: 'a', x: 1 }, '出现未知的键(key): "x"', 'Unrecognized key: "x"'],
  ])('says in the language of the request what it was given: %s', async (_, value, zh, en) => {
    for (const [language, text] of [['zh', zh] as const, ['en', en] as const]) {
      const context = { ...untraced('r'), language };
      const [mistake] = runInContext(context, () => mistakesIn(address, value));
      expect(mistake?.message).toContain(text);
    }
  });

  it('leaves what a schema says of its own to the schema', async () => {
    const message = bilingual('不是电话号码', 'not a phone number');
    const [mistake] = mistakesIn(z.string().regex(/^\d+$/, message), 'x');
    expect(mistake).toEqual({ path: '', code: 'invalid_format', message });
  });

  it.each([
    ['that nobody asked for', address, { name: 'a', ['😀'.repeat(100_000)]: 1 }],
    ['that is wrong', z.record(z.string(), z.string()), { ['😀'.repeat(100_000)]: 1 }],
    ['that cannot be stored', z.record(z.string(), z.string()), { ['😀'.repeat(100_000)]: '\0' }],
  ])('does not repeat a name of 400 kB %s', async (_, schema, value) => {
    const told = JSON.stringify(mistakesIn(schema, value));
    expect(told.length).toBeLessThan(600);
    expect(told).toContain('😀');
  });

  it.each([
    ['wrong', 1],
    ['unstorable', '\0'],
  ])('names the first of 100,000 values that are %s', async (_, value) => {
    const fields = mistakesIn(z.array(z.string()), Array(100_000).fill(value));
    expect(fields.map(({ path }) => path)).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
  });
});
