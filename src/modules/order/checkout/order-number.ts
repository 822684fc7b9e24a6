import { randomBytes } from 'node:crypto';
import { beijingDayOf } from '../../../kernel/beijing-time.js';

/** Crockford's base 32: no letter that looks like a digit, so that numbers survive being read out on the phone. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A day and 80 random bits, 24 characters: nobody can guess another shopper's number, and it fits WeChat's
 * out_trade_no. The day is the shop's, in China.
 */
export function newOrderNumber(now: Date): string {
  return (
    beijingDayOf(now).replaceAll('-', '') + Array.from(randomBytes(16), byte => alphabet[byte & 31]).join('')
  );
}
