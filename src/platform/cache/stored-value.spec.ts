import { describe, expect, it } from 'vitest';
import { pack, unpack } from './stored-value.js';

const value = { body: '{"name":"绿茶\\n"}\n第二行', marks: ['0', '0190-ab'], lifeMs: 61_000 };

describe('a value in Redis', () => {
  it.each([value, { ...value, marks: [] }, { ...value, body: '' }, { ...value, body: null }])(
    'comes back as it went: %j',
    stored => expect(unpack(pack(stored))).toEqual(stored),
  );

  it.each([
    ['cut short', pack(value).slice(0, -1)],
    ['with something behind it', `${pack(value)} `],
    ['with another byte', pack(value).replace('绿', '红')],
    ['with another life', pack(value).replace('61000', '99000')],
    ['with other marks', pack(value).replace('0190', '0191')],
    ['of another format', pack(value).replace(/^1/, '2')],
    ['of somebody else', '{"value":1}'],
    ['that is empty', ''],
  ])('is none when it is %s', (_, text) => expect(unpack(text)).toBeNull());
});
