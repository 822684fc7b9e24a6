import { describe, expect, it } from 'vitest';
import { requestKinds } from './requests.ts';
import { requireSameAnswer } from './same-answer.ts';

const order = {
  id: '1',
  number: 'A',
  items: [{ skuId: 's', quantity: 1 }],
  createdAt: 'now',
  expiresAt: 'later',
};
const kind = requestKinds['order-create'];

describe('two sides', () => {
  it('may differ in what must differ', () => {
    const other = { ...order, id: '2', number: 'B', createdAt: 'a moment ago' };
    const check = () =>
      requireSameAnswer('peer', { status: 201, body: other }, { status: 201, body: order }, kind);
    expect(check).not.toThrow();
  });

  it.each([
    ['leaves out a field', { status: 201, body: { ...order, expiresAt: undefined } }],
    ['answers other goods', { status: 201, body: { ...order, items: [] } }],
    ['answers another status', { status: 200, body: order }],
    ['answers nothing', { status: 201, body: undefined }],
  ])('are not compared when one %s', (_, answer) => {
    const check = () => requireSameAnswer('peer', answer, { status: 201, body: order }, kind);
    expect(check).toThrow('peer answers differently');
  });
});
