import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AfterSales } from '../../../src/modules/order/order.contract.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods } from '../../support/goods.ts';
import { Shopper } from '../../support/shopper.ts';
import { advance } from '../../support/trades.ts';

describe('orders that a mistake of ours would leave without what their state says', () => {
  let shop: TestApp;
  let skuId: string;
  let shopper: Shopper;
  beforeAll(async () => {
    shop = await startApp({ QUEUE_CONSUME: 'false' });
    ({ skuId } = await stockGoods(shop.database, { onHand: 100 }));
    shopper = await Shopper.login(shop);
  });
  afterAll(() => shop.stop());

  async function paid(): Promise<string> {
    const { id } = await shopper.order(skuId);
    await advance(shop, id, 'paid');
    return id;
  }

  it.each([
    ['orders_refunding', `status = 'refunding'`],
    ['orders_refunding', `refunding_from = 'paid'`],
    ['orders_refunded', `status = 'refunded'`],
    ['orders_refunded', 'refunded_at = now()'],
    ['orders_paid', 'paid_at = null'],
    ['orders_shipped', `status = 'shipped'`],
    ['orders_shipped', `status = 'shipped', shipped_at = now()`],
    ['orders_shipped', `status = 'refunding', refunding_from = 'shipped'`],
    ['orders_received', `status = 'received', shipped_at = now(), carrier = 'SF', tracking_number = '1'`],
    [
      'orders_completed',
      `status = 'completed', shipped_at = now(), carrier = 'SF', tracking_number = '1', received_at = now()`,
    ],
  ])('are refused by PostgreSQL: %s, %s', async (constraint, change) => {
    const id = await paid();
    const sql = `update orders set ${change} where id = $1`;
    await expect(shop.database.query(sql, [id])).rejects.toMatchObject({ constraint });
  });

  it.each([
    ['refund_requests_decided', 'update refund_requests set decided_at = now() where order_id = $1'],
    [
      'refund_requests_decided',
      `update refund_requests set status = 'refused', refusal = '不' where order_id = $1`,
    ],
    [
      'refund_requests_settled',
      `update refund_requests set status = 'failed', refund_no = $1::uuid::text, decided_at = now() where order_id = $1`,
    ],
    [
      'refund_requests_sent',
      `update refund_requests set status = 'approved', decided_at = now() where order_id = $1`,
    ],
    ['refund_requests_by_hand', 'update refund_requests set is_by_hand = true where order_id = $1'],
    [
      'refund_requests_open',
      `insert into refund_requests (id, order_id, reason, amount_fen, is_whole)
       select gen_random_uuid(), order_id, reason, 1, false from refund_requests where order_id = $1`,
    ],
    ['order_items_refunded', 'update order_items set refunded_quantity = quantity + 1 where order_id = $1'],
  ])('nor can their refunds be half decided, or go back twice: %s', async (constraint, sql) => {
    const id = await paid();
    await shopper.post(`/orders/${id}/refunds`, { reason: '不想要了' }, { key: true });
    await expect(shop.database.query(sql, [id])).rejects.toMatchObject({ constraint });
    await expect(
      shop.app.get(AfterSales).list({ orderId: id, status: 'requested', limit: 1 }),
    ).resolves.toMatchObject({ items: [{ orderId: id }] });
  });
});
