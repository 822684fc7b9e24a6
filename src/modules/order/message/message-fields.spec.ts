import { describe, expect, it } from 'vitest';
import type { Order } from '../order.repository.js';
import { messageData, messageFields } from './message-fields.js';

const order = {
  number: 'N20261122',
  lines: [{ productName: '小鱼干', quantity: 2 }],
  shipment: { carrier: 'SF', trackingNumber: 'SF1' },
  shippedAt: new Date('2026-11-22T16:05:59Z'),
} as unknown as Order;

describe('the fields of a message', () => {
  it('say what the shop’s own template asks for, by its keys', () => {
    const fields = messageFields().parse('thing7=goods, time2=shippedAt,character_string1=trackingNumber');
    expect(messageData(order, fields)).toEqual({
      thing7: '小鱼干 × 2',
      time2: '2026年11月23日 00:05',
      character_string1: 'SF1',
    });
    expect(messageData(order, messageFields().parse(['phrase1=carrier', 'number2=number']))).toEqual({
      phrase1: 'SF',
      number2: 'N20261122',
    });
  });

  it.each(['', 'thing2', 'thing2=price', 'goods=thing2', 'thing=goods', 'thing2=goods;time5=shippedAt'])(
    'are refused at the start, not at the first parcel: %j',
    fields => {
      expect(messageFields().safeParse(fields).success).toBe(false);
    },
  );
});
