import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { stockGoods, stockOf } from '../support/goods.ts';
import type { Answer } from '../support/http.ts';
import { askRefund, paidOrder } from '../support/paid-order.ts';
import { flawOf } from '../support/problems.ts';
import { homeAddress, Shopper, type OrderBody } from '../support/shopper.ts';
import { auditOf, Staff } from '../support/staff.ts';
import { advance, movementsOf, orderRow, tradeOf } from '../support/trades.ts';

interface DeskOrderBody extends OrderBody {
  readonly code?: string;
  readonly state?: string;
  readonly userId: string;
  readonly address?: object;
  readonly shippedAt?: string;
}

interface Page {
  readonly items: readonly DeskOrderBody[];
  readonly nextCursor?: string;
}

const parcel = { carrier: 'SF', trackingNumber: 'SF1234567890' };

describe('the merchant’s orders', () => {
  let shop: TestApp;
  let shopper: Shopper;
  let keeper: Staff;
  let support: Staff;
  beforeAll(async () => {
    shop = await startApp();
    shopper = await Shopper.login(shop);
    keeper = await Staff.hire(shop, 'warehouse');
    support = await Staff.hire(shop, 'support');
  });
  afterAll(() => shop.stop());

  const ship = ({ id }: OrderBody, shipment: object = parcel): Promise<Answer<DeskOrderBody>> =>
    keeper.post(`/orders/${id}/ship`, shipment);
  const close = ({ id }: OrderBody): Promise<Answer<DeskOrderBody>> => support.post(`/orders/${id}/close`);
  const actionsOn = async (id: string) => (await auditOf(shop, id)).map(({ action }) => action);

  async function unpaid(quantity = 1): Promise<OrderBody> {
    return shopper.order((await stockGoods(shop.database)).skuId, quantity);
  }

  it('are found by state, number and shopper, page by page, and tell an address only one by one', async () => {
    const buyer = await Shopper.login(shop);
    const { skuId } = await stockGoods(shop.database);
    const orders = [await buyer.order(skuId), await buyer.order(skuId), await buyer.order(skuId)];
    await advance(shop, orders[1]!.id, 'paid');
    const ask = async (query: string) => (await support.get<Page>(`/orders?${query}`)).body;
    const idsOf = ({ items }: Page) => items.map(({ id }) => id);

    const first = await ask(`userId=${buyer.userId}&limit=2`);
    const rest = await ask(`userId=${buyer.userId}&limit=2&cursor=${first.nextCursor}`);
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(orders.map(({ id }) => id).reverse());
    expect(rest.nextCursor).toBeUndefined();
    expect(idsOf(await ask(`userId=${buyer.userId}&status=paid`))).toEqual([orders[1]!.id]);
    expect(idsOf(await ask(`number=${orders[2]!.number}`))).toEqual([orders[2]!.id]);
    for (const none of ['number=none', 'userId=nonsense']) expect(idsOf(await ask(none))).toEqual([]);
    expect(JSON.stringify(first)).not.toContain(homeAddress.telNumber);

    const one = await support.get<DeskOrderBody>(`/orders/${orders[0]!.id}`);
    expect(one.body).toMatchObject({ userId: buyer.userId, address: homeAddress });
    expect(one.headers.get('cache-control')).toBe('no-store');
    expect(one.text).not.toContain(buyer.openid);
  });

  it.each(['nonsense', '01a20f7c-a0c9-7225-b434-ff9f662b7cd5'])('are not found as %s', async id => {
    const owner = await Staff.hire(shop, 'owner');
    const answers = [
      await owner.get(`/orders/${id}`),
      await owner.post(`/orders/${id}/ship`, parcel),
      await owner.post(`/orders/${id}/close`),
      await owner.post(`/orders/${id}/refunds`, { reason: '缺货', restock: false }, { key: true }),
    ];
    for (const answer of answers)
      expect([answer.body['code'], flawOf(answer)]).toEqual(['order.not_found', undefined]);
  });

  it('are shipped, which the shopper sees and the log tells', async () => {
    const order = await paidOrder(shop, shopper);
    const shipped = await ship(order);
    expect([shipped.status, shipped.body]).toEqual([
      200,
      expect.objectContaining({ status: 'shipped', shipment: parcel, userId: shopper.userId }),
    ]);
    const seen = await shopper.get(`/orders/${order.id}`);
    expect(seen.body).toMatchObject({ status: 'shipped', shipment: parcel });
    expect(await auditOf(shop, order.id)).toEqual([
      expect.objectContaining({
        staffId: keeper.id,
        action: 'order.ship',
        permission: 'orders.ship',
        before: { status: 'paid' },
        after: { status: 'shipped', shipment: parcel, shippedAt: shipped.body.shippedAt },
        requestId: shipped.headers.get('x-request-id'),
      }),
    ]);
  });

  it('are shipped once when an answer is lost and the request comes again, many times at once', async () => {
    const order = await paidOrder(shop, shopper);
    const answers = await Promise.all(Array.from({ length: 5 }, () => ship(order)));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await actionsOn(order.id)).toEqual(['order.ship']);
  });

  it('are not shipped with a second parcel, whoever is first', async () => {
    const order = await paidOrder(shop, shopper);
    const parcels = ['A', 'B', 'C', 'D'].map(trackingNumber => ({ carrier: 'SF', trackingNumber }));
    const answers = await Promise.all(parcels.map(other => ship(order, other)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const won = answers.find(({ status }) => status === 200)!;
    const lost = answers.find(({ status }) => status === 409)!;
    expect([lost.body.code, lost.body.state, flawOf(lost)]).toEqual([
      'order.not_shippable',
      'shipped',
      undefined,
    ]);
    expect((await support.get(`/orders/${order.id}`)).text).toBe(won.text);
    expect(await actionsOn(order.id)).toEqual(['order.ship']);
  });

  it('are not shipped before they are paid, nor while their money is asked back', async () => {
    const refunding = await paidOrder(shop, shopper);
    await askRefund(shopper, refunding);
    for (const [order, state] of [
      [await unpaid(), 'awaiting_payment'],
      [refunding, 'refunding'],
    ] as const) {
      expect((await ship(order)).body).toMatchObject({ code: 'order.not_shippable', state });
      expect(await actionsOn(order.id)).toEqual([]);
    }
  });

  it('have one end when the parcel leaves as the shopper asks for the money', async () => {
    const orders = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const { skuId } = await stockGoods(shop.database, { priceFen: 1_000 });
        return paidOrder(shop, shopper, { skuId });
      }),
    );
    for (const order of orders) {
      const [shipped, asked] = await Promise.all([
        ship(order),
        shopper.post<{ amountFen: number }>(`/orders/${order.id}/refunds`, { reason: '晚了' }, { key: true }),
      ]);
      expect([asked.status, (await orderRow(shop, order.id)).status]).toEqual([201, 'refunding']);
      const hasLeft = shipped.status === 200;
      // The freight is kept for exactly those parcels that have left.
      expect(asked.body.amountFen).toBe(hasLeft ? 1_000 : 1_800);
      expect(await actionsOn(order.id)).toEqual(hasLeft ? ['order.ship'] : []);
      if (!hasLeft) expect(shipped.body).toMatchObject({ code: 'order.not_shippable', state: 'refunding' });
    }
  });

  it('are closed while nobody has paid: the trade is closed, the stock is free, and the log tells', async () => {
    const order = await unpaid(4);
    await shopper.post(`/orders/${order.id}/payment`);
    const closed = await close(order);
    expect(closed).toMatchObject({ status: 200, body: { status: 'cancelled', userId: shopper.userId } });
    expect(await orderRow(shop, order.id)).toEqual({ status: 'cancelled', cancelReason: 'by_merchant' });
    expect((await tradeOf(shop, order.number))?.trade_state).toBe('CLOSED');
    expect(await stockOf(shop.database, order.items[0]!.skuId)).toEqual({ onHand: 10, reserved: 0 });
    expect(await auditOf(shop, order.id)).toEqual([
      expect.objectContaining({
        staffId: support.id,
        action: 'order.close',
        before: { status: 'awaiting_payment', expiresAt: order.expiresAt },
        after: { status: 'cancelled', cancelledAt: expect.any(String) },
        requestId: closed.headers.get('x-request-id'),
      }),
    ]);
  });

  it('are closed once, with one line, however many close them at once', async () => {
    const order = await unpaid();
    const answers = await Promise.all(Array.from({ length: 5 }, () => close(order)));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1, release: 1 });
    expect(await actionsOn(order.id)).toEqual(['order.close']);
  });

  it('have no line of a closing that somebody else did', async () => {
    const order = await unpaid();
    await shopper.post(`/orders/${order.id}/cancel`);
    expect(await close(order)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await actionsOn(order.id)).toEqual([]);
  });

  it('are not closed once they are paid, even if only WeChat knows', async () => {
    const [told, untold] = [await paidOrder(shop, shopper), await unpaid()];
    await shopper.pay(untold.id, { outcome: 'lost-callback' });
    for (const order of [told, untold]) {
      const answer = await close(order);
      expect([answer.status, answer.body.code, answer.body.state]).toEqual([
        409,
        'order.not_cancellable',
        'paid',
      ]);
      expect((await orderRow(shop, order.id)).status).toBe('paid');
      expect(await actionsOn(order.id)).toEqual([]);
    }
  });

  it('stay unpaid when their closing cannot be recorded, and are closed by the next try', async () => {
    const order = await unpaid();
    const constraint = `alter table audit_log add constraint full_disk check (action <> 'order.close') not valid`;
    await shop.database.query(constraint);
    try {
      expect((await close(order)).status).toBe(500);
    } finally {
      await shop.database.query('alter table audit_log drop constraint full_disk');
    }
    expect((await orderRow(shop, order.id)).status).toBe('awaiting_payment');
    expect(await movementsOf(shop, order.id)).toEqual({ reserve: 1 });
    expect((await close(order)).status).toBe(200);
    expect(await actionsOn(order.id)).toEqual(['order.close']);
  });
});
