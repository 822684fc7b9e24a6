import type { Schema } from './openapi.ts';

type Json = Record<string, unknown>;

/** One way a body breaks its schema: `path` is what the problem must name, `text` the body as sent. */
export interface BadBody {
  readonly what: string;
  readonly path: string;
  readonly text: string;
}

const id = '01920000-0000-7000-8000-000000000000';

/** Samples that the schema alone cannot tell, by property. */
const samples: Readonly<Record<string, unknown>> = {
  telNumber: '13800138000',
  avatarUrl: 'https://img.example/a.png',
  password: 'tea leaves 4 breakfast',
  newPassword: 'tea leaves 4 breakfast',
  imagePath: '/media/a.png',
  claimFrom: '2026-01-01T00:00:00Z',
  claimUntil: '2099-01-01T00:00:00Z',
};

/** A body that is in order, as far as its schema says: what is wrong in a test is then one thing. */
export function validValue(schema: Schema, name = ''): unknown {
  if (name in samples) return samples[name];
  if (schema.enum) return schema.enum[0];
  if (schema.type === 'object') return validObject(schema);
  if (schema.type === 'array') return [validValue(schema.items ?? {}, name.replace(/s$/, ''))];
  if (schema.type === 'boolean') return true;
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1;
  return name.endsWith('Id') ? id : 'ab'.padEnd(schema.minLength ?? 0, 'c');
}

/** What the schema does not call required, and yet has to be there: an order's items, a coupon's worth and time. */
const alsoNeeded = ['items', 'amountFen', 'validDays'];

/** Required properties, or the first one where none is but something has to be there. */
function validObject({ properties = {}, required = [], minProperties = 0 }: Schema): Json {
  const atLeast = required.length > 0 || minProperties === 0 ? required : Object.keys(properties).slice(0, 1);
  const names = [...atLeast, ...alsoNeeded.filter(name => name in properties)];
  return Object.fromEntries(names.map(name => [name, validValue(properties[name]!, name)]));
}

/** Every single mistake against an object schema, a field at a time. */
export function badBodies(schema: Schema): readonly BadBody[] {
  const valid = validValue(schema) as Json;
  const missing = (schema.required ?? []).map(name => ({
    what: `${name} missing`,
    path: name,
    text: JSON.stringify({ ...valid, [name]: undefined }),
  }));
  const wrong = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    badValues(field, name).map(({ what, path, json }) => ({
      what: `${[name, path].filter(Boolean).join('.')} ${what}`,
      path: [name, path].filter(Boolean).join('.'),
      text: withRaw(valid, name, json),
    })),
  );
  return [...missing, ...wrong, ...notTheObject(valid)];
}

interface BadValue {
  readonly what: string;
  readonly path: string;
  /** As JSON text: some values have no JavaScript form. */
  readonly json: string;
}

function badValues(schema: Schema, name: string): readonly BadValue[] {
  const values = (list: Record<string, unknown>): BadValue[] =>
    Object.entries(list).map(([what, value]) => ({ what, path: '', json: JSON.stringify(value) }));
  const wrongTypes = { null: null, 'an empty object': {}, ...otherTypes(schema) };
  if (schema.type === 'array')
    return [...values({ ...wrongTypes, ...badLengths(schema) }), ...badItems(schema)];
  if (schema.type === 'string')
    return values({ ...wrongTypes, ...badTexts(schema, String(validValue(schema, name))) });
  if (schema.type === 'boolean')
    return values({ ...wrongTypes, ...(schema.enum ? { 'the other value': false } : {}) });
  const numbers = ['1e400', '-1e400', '1.5', '-0.5', '9007199254740993', '1e-7', '"1"'];
  // Where nothing is a number like any other, less than nothing by nothing is too.
  if ((schema.minimum ?? 1) > 0) numbers.push('-0');
  return [
    ...values({ ...wrongTypes, ...badNumbers(schema) }),
    ...numbers.map(json => ({ what: json, path: '', json })),
  ];
}

function otherTypes({ type }: Schema): Json {
  const all: Json = { string: 'x', integer: 7, boolean: true, array: [] };
  return Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => name !== type)
      .map(([name, value]) => [`a ${name}`, value]),
  );
}

function badTexts({ enum: allowed, minLength = 0, maxLength, pattern, format }: Schema, valid: string): Json {
  return {
    // A URL is normalised before it is kept, which leaves nothing of these.
    ...(format === 'uri'
      ? {}
      : { 'with NUL': `${valid}\u0000`, 'with half a surrogate pair': `${valid}\ud800` }),
    'only NUL': '\u0000',
    ...(minLength > 0 ? { 'too short': '' } : {}),
    ...(maxLength === undefined
      ? {}
      : { 'too long': 'x'.repeat(maxLength + 1), 'far too long': '😀'.repeat(60_000) }),
    ...(pattern || format || allowed ? { 'of another form': '；drop' } : {}),
  };
}

function badNumbers({ minimum, maximum }: Schema): Json {
  return {
    ...(minimum === undefined ? {} : { 'too small': minimum - 1, 'far too small': -(2 ** 53) }),
    ...(maximum === undefined ? {} : { 'too large': maximum + 1, 'far too large': 2 ** 53 }),
  };
}

function badLengths({ items = {}, minItems = 0, maxItems }: Schema): Json {
  const item = validValue(items);
  return {
    ...(minItems > 0 ? { empty: [] } : {}),
    ...(maxItems === undefined ? {} : { 'of too many': Array.from({ length: maxItems + 1 }, () => item) }),
  };
}

function badItems({ items = {} }: Schema): BadValue[] {
  if (items.type !== 'object') return [];
  return badBodies(items).map(({ what, path, text }) => ({
    what: `item ${what}`,
    path: path === '' ? '0' : `0.${path}`,
    json: `[${text}]`,
  }));
}

/** Right fields in a wrong body: an extra one, one that reaches for the prototype, or no object at all. */
function notTheObject(valid: Json): BadBody[] {
  const extras = ['extra', 'priceFen', 'userId', 'constructor', '__proto__', 'toString', 'hasOwnProperty'];
  const wholes = {
    null: 'null',
    'an array': `[${JSON.stringify(valid)}]`,
    text: '"text"',
    'a number': '7',
    true: 'true',
  };
  return [
    ...extras.map(name => ({
      what: `extra ${name}`,
      path: name,
      text: withRaw(valid, name, '{"isAdmin":true}'),
    })),
    ...Object.entries(wholes).map(([what, text]) => ({ what: `is ${what}`, path: '', text })),
  ];
}

function withRaw(valid: Json, name: string, json: string): string {
  const others = Object.entries(valid).filter(([key]) => key !== name);
  const pairs = others.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `{${[...pairs, `${JSON.stringify(name)}:${json}`].join(',')}}`;
}
