import { describe, expect, it } from 'vitest';
import { codeProblems } from './error-codes.ts';

const coded = (code: string, origin = 'OrderNotFound') => ({ code, origin });

describe('error codes', () => {
  it.each(['order.not_found', 'gift_card.not_found', 'wechat.pay.refused', 'internal'])('may be %s', code => {
    expect(codeProblems([coded(code)])).toEqual([]);
  });

  it.each(['order', 'Order.notFound', 'order.not-found', 'order.', '.not_found', 'order.2', 'order._x', ''])(
    'may not be %j',
    code => {
      expect(codeProblems([coded(code)])).toEqual([`'${code}' is not of the form order.not_found`]);
    },
  );

  it('mean one thing each, or a client would take one error for another', () => {
    const problems = codeProblems([coded('order.not_found'), coded('order.not_found', 'OrderGone')]);
    expect(problems).toEqual([`'order.not_found' is the code of OrderNotFound and OrderGone`]);
  });

  it('may be answered by one class in several ways', () => {
    expect(codeProblems([coded('order.not_found'), coded('order.not_found')])).toEqual([]);
  });
});
