import { cut } from '../text-limit.js';

/** How a value is made to fit, by the kind that its key begins with: `thing3` is a `thing`. */
const fits: Readonly<Record<string, (text: string) => string>> = {
  thing: text => cut(text, 20),
  number: text => cut(text, 32),
  letter: text => cut(text, 32),
  symbol: text => cut(text, 5),
  character_string: text => cut(text.replace(/[^\x20-\x7e]/g, ''), 32),
  phone_number: text => cut(text, 17),
  car_number: text => cut(text, 8),
  name: text => cut(text, /\p{Script=Han}/u.test(text) ? 10 : 20),
  phrase: text => cut(text, 5),
};

/**
 * The value as WeChat takes it: one that is longer than its kind allows is refused, and the message with it. Times,
 * dates and amounts are left as they are: cut, they would say something else.
 */
export function fitValue(key: string, value: string): string {
  const text = value.replace(/\s+/g, ' ').trim();
  const fit = fits[key.replace(/\d+$/, '')];
  return fit ? fit(text) : text;
}
