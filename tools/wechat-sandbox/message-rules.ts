import { isRecord } from './rules.ts';

const upTo = (max: number) => (text: string) => text.length <= max;
const matches = (pattern: RegExp) => (text: string) => pattern.test(text);

const clock = String.raw`\d{1,2}:\d{2}(:\d{2})?`;
const date = String.raw`(\d{4}年\d{1,2}月\d{1,2}日|\d{4}[-/.]\d{1,2}[-/.]\d{1,2})`;

/** What the kind of a key allows; `enum` is a list of the template's, which is not known here. */
const kinds: Readonly<Record<string, (text: string) => boolean>> = {
  thing: upTo(20),
  number: matches(/^[\d.+-]{1,32}$/),
  letter: matches(/^[A-Za-z]{1,32}$/),
  symbol: upTo(5),
  character_string: matches(/^[\x20-\x7e]{1,32}$/),
  time: matches(new RegExp(`^(${date} ?)?${clock}(~(${date} ?)?${clock})?$`)),
  date: matches(new RegExp(`^${date}( ?${clock})?(~${date}( ?${clock})?)?$`)),
  amount: matches(/^[¥￥$]?\d{1,10}(\.\d{1,2})?元?$/),
  phone_number: matches(/^[\d+\-() ]{1,17}$/),
  car_number: upTo(8),
  name: matches(/^(?=.*\p{Script=Han}).{1,10}$|^[^\p{Script=Han}]{1,20}$/u),
  phrase: matches(/^\p{Script=Han}{1,5}$/u),
  enum: () => true,
};

/** The first field of `data` that WeChat does not take; undefined when all are well. */
export function badField(data: unknown): string | undefined {
  if (!isRecord(data) || Object.keys(data).length === 0) return 'data';
  return Object.entries(data).find(([key, entry]) => !isValue(key, entry))?.[0];
}

function isValue(key: string, entry: unknown): boolean {
  const value = isRecord(entry) ? entry['value'] : undefined;
  const allows = kinds[key.replace(/\d+$/, '')];
  return typeof value === 'string' && value.trim() !== '' && allows?.(value) === true;
}
