import type { OrderLine } from '../order.repository.js';

/** What is in the parcel, for whoever opens it: `小鱼干 × 2、冻干 × 1`. */
export function describeGoods(lines: readonly Pick<OrderLine, 'productName' | 'quantity'>[]): string {
  return lines.map(({ productName, quantity }) => `${productName} × ${quantity}`).join('、');
}

/** `138****8000`, as WeChat wants a contact; undefined for a number too short to keep a part of it to ourselves. */
export function maskedContact(telNumber: string): string | undefined {
  const digits = telNumber.replace(/\D/g, '');
  return digits.length < 8 ? undefined : `${digits.slice(0, 3)}****${digits.slice(-4)}`;
}
