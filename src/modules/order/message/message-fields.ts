import { z } from 'zod';
import { inBeijing } from '../../../kernel/beijing-time.js';
import { textList } from '../../../platform/config/fields.js';
import { describeGoods } from '../fulfilment/parcel.js';
import type { Order } from '../order.repository.js';

/** What a message can say of an order that was shipped. */
const words = {
  number: ({ number }: Order) => number,
  goods: ({ lines }: Order) => describeGoods(lines),
  carrier: ({ shipment }: Order) => shipment?.carrier ?? '',
  trackingNumber: ({ shipment }: Order) => shipment?.trackingNumber ?? '',
  shippedAt: ({ shippedAt }: Order) => (shippedAt ? minuteOf(shippedAt) : ''),
} as const;

type Word = keyof typeof words;

/** By the template's keys, which differ from shop to shop. */
export type MessageFields = readonly (readonly [key: string, word: Word])[];

const field = new RegExp(`^[a-z_]+\\d+=(${Object.keys(words).join('|')})$`);

/** `thing2=goods,time5=shippedAt`: which key of the template says what. */
export function messageFields() {
  return textList()
    .pipe(
      z
        .array(
          z.string().regex(field, `must be like thing2=goods, with one of ${Object.keys(words).join(', ')}`),
        )
        .min(1, 'must name a key of the template'),
    )
    .transform((fields): MessageFields => fields.map(pair => pair.split('=') as [string, Word]));
}

export function messageData(order: Order, fields: MessageFields): Readonly<Record<string, string>> {
  return Object.fromEntries(fields.map(([key, word]) => [key, words[word](order)]));
}

/** `2026年11月22日 16:00`, as WeChat writes it. */
function minuteOf(time: Date): string {
  return inBeijing(time).replace(/^(\d+)-(\d+)-(\d+)T(\d+:\d+).*$/, '$1年$2月$3日 $4');
}
