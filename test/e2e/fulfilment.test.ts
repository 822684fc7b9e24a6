import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OrderDesk, type OrderView } from '../../src/modules/order/order.contract.ts';
import { OrderShipped } from '../../src/modules/order/order.events.ts';
import { EventPublisher } from '../../src/platform/events/event-publisher.ts';
import { ShipmentRepository } from '../../src/modules/order/fulfilment/shipment.repository.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { stockGoods } from '../support/goods.ts';
import { Shopper, type OrderBody } from '../support/shopper.ts';
import { advance, movementsOf, orderRow } from '../support/trades.ts';
import { until } from '../support/until.ts';

const shipment = { carrier: 'SF', trackingNumber: 'SF1234567890' };
const dayMs = 86_400_000;

describe('fulfilment', () => {
  let shop: TestApp;
  let shopper: Shopper;
  let desk: OrderDesk;
  beforeAll(async () => {
    shop = await startApp({ QUEUE_SWEEP_INTERVAL: '50ms', ORDER_SHIPPED_TEMPLATE_ID: 'T-shipped' });
    shopper = await Shopper.login(shop);
    desk = shop.app.get(OrderDesk);
  });
  afterAll(() => shop.stop());

  async function paid(): Promise<OrderBody> {
    const { skuId } = await stockGoods(shop.database);
    const order = await shopper.order(skuId);
    await shopper.pay(order.id, { waitForNotify: true });
    await becomes(order, 'paid');
    return order;
  }

  const becomes = ({ id }: OrderBody, status: string) =>
    until(`the order is ${status}`, async () => (await orderRow(shop, id)).status === status);

  const age = ({ id }: OrderBody, column: 'shipped_at' | 'received_at', days: number) =>
    shop.database.query(`update orders set ${column} = now() - $2 * interval '1 day' where id = $1`, [
      id,
      days,
    ]);

  it('goes from paid to completed although nobody taps anything', async () => {
    const order = await paid();
    const shipped = await desk.ship(order.id, shipment);
    expect(shipped).toMatchObject({ status: 'shipped', userId: shopper.userId, shipment });
    const { body } = await shopper.get<OrderView>(`/orders/${order.id}`);
    expect(body).toMatchObject({ status: 'shipped', shipment, shippedAt: expect.any(String) });
    expect(body).not.toHaveProperty('completedAt');
    await age(order, 'shipped_at', 11);
    await becomes(order, 'received');
    await age(order, 'received_at', 8);
    await becomes(order, 'completed');
    const done = await shopper.get(`/orders/${order.id}`);
    expect(done.body).toMatchObject({ receivedAt: expect.any(String), completedAt: expect.any(String) });
  });

  it('leaves young orders, and those that wait for a refund, as they are', async () => {
    const [young, refunding] = [await paid(), await paid()];
    await desk.ship(young.id, shipment);
    await desk.ship(refunding.id, shipment);
    expect(
      (await shopper.post(`/orders/${refunding.id}/refunds`, { reason: '破损' }, { key: true })).status,
    ).toBe(201);
    await age(young, 'shipped_at', 9);
    await age(refunding, 'shipped_at', 30);
    const marker = await paid();
    await desk.ship(marker.id, shipment);
    await age(marker, 'shipped_at', 11);
    await becomes(marker, 'received');
    expect((await orderRow(shop, young.id)).status).toBe('shipped');
    expect((await orderRow(shop, refunding.id)).status).toBe('refunding');
  });

  it('ships once, whoever ships at once, and repeats the same shipment without harm', async () => {
    const order = await paid();
    const others = ['A', 'B', 'C', 'D'].map(trackingNumber => ({ carrier: 'SF', trackingNumber }));
    const tries = await Promise.allSettled(others.map(other => desk.ship(order.id, other)));
    const winner = tries.findIndex(({ status }) => status === 'fulfilled');
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await desk.ship(order.id, others[winner]!)).toMatchObject({ shipment: others[winner] });
    await expect(desk.ship(order.id, shipment)).rejects.toMatchObject({ code: 'order.not_shippable' });
    await shopper.post(`/orders/${order.id}/receive`);
    expect(await desk.ship(order.id, others[winner]!)).toMatchObject({ status: 'received' });
    await expect(desk.ship(order.id, shipment)).rejects.toMatchObject({ code: 'order.not_shippable' });
  });

  it('tells once that an order is on its way', async () => {
    const order = await paid();
    const publish = vi.spyOn(shop.app.get(EventPublisher), 'publish');
    for (let n = 0; n < 2; n++) await desk.ship(order.id, shipment);
    const { id: orderId, number } = order;
    const told = { orderId, number, userId: shopper.userId, ...shipment };
    const news = publish.mock.calls.filter(([event]) => event === OrderShipped);
    expect(news.map(([, payload]) => payload)).toEqual([told]);
    publish.mockRestore();
  });

  it('ships nothing that nobody has paid, and nothing that does not exist', async () => {
    const { skuId } = await stockGoods(shop.database);
    const { id } = await shopper.order(skuId);
    await expect(desk.ship(id, shipment)).rejects.toMatchObject({ code: 'order.not_shippable' });
    for (const unknown of ['nonsense', '01a20f7c-a0c9-7225-b434-ff9f662b7cd5'])
      await expect(desk.ship(unknown, shipment)).rejects.toMatchObject({ code: 'order.not_found' });
  });

  it('shares overdue orders among sweepers side by side, each once', async () => {
    const orders = [];
    for (let n = 0; n < 6; n++) orders.push(await paid());
    for (const order of orders) {
      await advance(shop, order.id, 'received');
      await age(order, 'received_at', 3);
    }
    const shipments = shop.app.get(ShipmentRepository);
    const sweeps = await Promise.all(
      Array.from({ length: 4 }, () => shipments.completeOverdue(2 * dayMs, 2)),
    );
    expect(sweeps.reduce((sum, count) => sum + count, 0)).toBe(6);
  });

  it('lets the merchant close an unpaid order, whose stock returns, and no paid one', async () => {
    const { skuId } = await stockGoods(shop.database);
    const order = await shopper.order(skuId);
    expect(await desk.close(order.id)).toMatchObject({ status: 'cancelled' });
    expect(await desk.close(order.id)).toMatchObject({ status: 'cancelled' });
    expect(await orderRow(shop, order.id)).toEqual({ status: 'cancelled', cancelReason: 'by_merchant' });
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1, release: 1 });
    await expect(desk.close((await paid()).id)).rejects.toMatchObject({ code: 'order.not_cancellable' });
  });

  it('shows the merchant the orders of everybody, page by page', async () => {
    const stranger = await Shopper.login(shop);
    const { skuId } = await stockGoods(shop.database);
    const [first, second] = [await stranger.order(skuId), await stranger.order(skuId)];
    const later = await shopper.order(skuId);
    const page = await desk.list({ userId: stranger.userId, limit: 1 });
    expect(page.items.map(({ id }) => id)).toEqual([second.id]);
    const next = await desk.list({ userId: stranger.userId, limit: 1, cursor: page.nextCursor! });
    expect(next.items.map(({ id }) => id)).toEqual([first.id]);
    const all = await desk.list({ limit: 2 });
    expect(all.items.map(({ id }) => id)).toEqual([later.id, second.id]);
    await desk.close(second.id);
    const open = await desk.list({ userId: stranger.userId, status: 'awaiting_payment', limit: 5 });
    expect(open.items.map(({ id }) => id)).toEqual([first.id]);
    expect((await desk.list({ number: first.number, limit: 5 })).items).toMatchObject([{ id: first.id }]);
    expect(await desk.list({ userId: 'nonsense', limit: 5 })).toEqual({ items: [] });
  });

  it('counts what a shopper allows to be sent, each tap once, and keeps nothing that is never sent', async () => {
    const reader = await Shopper.login(shop);
    const allow = (key: string) =>
      reader.post('/me/subscriptions', { templateIds: ['T-shipped', 'T-unknown', 'T-shipped'] }, { key });
    const taps = await Promise.all(['tap-1', 'tap-1', 'tap-1', 'tap-2'].map(allow));
    for (const { status, body } of taps)
      expect([status, body]).toEqual([200, { templateIds: ['T-shipped'] }]);
    const sql = 'select template_id as id, grants from message_grants where user_id = $1';
    const { rows } = await shop.database.query<{ id: string; grants: number }>(sql, [reader.userId]);
    expect(rows).toEqual([{ id: 'T-shipped', grants: 2 }]);
  });
});
