import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { replayLedger, stockGoods, stockOf } from '../support/goods.ts';
import type { Answer } from '../support/http.ts';
import { Shopper, type OrderBody } from '../support/shopper.ts';

interface Refusal {
  readonly code: string;
  readonly lines?: readonly object[];
  readonly available?: number;
  readonly skuIds?: readonly string[];
}

interface Cart {
  readonly totalFen: number;
  readonly items: readonly { readonly skuId: string; readonly state: string; readonly priceFen: number }[];
}

describe('placing an order', () => {
  let shop: TestApp;
  let shopper: Shopper;
  let addressId: string;
  beforeAll(async () => {
    shop = await startApp();
    shopper = await Shopper.login(shop);
    addressId = await shopper.addAddress();
  });
  afterAll(() => shop.stop());

  /** Both ways in: what the preview refuses, ordering refuses too, for the same reason. */
  async function refusals(body: object, by = shopper): Promise<[number, string][]> {
    const answers: Answer<Refusal>[] = [
      await by.post<Refusal>('/orders/preview', body),
      await by.post<Refusal>('/orders', body, { key: true }),
    ];
    return answers.map(answer => [answer.status, answer.body.code]);
  }

  const withdraw = (skuId: string) =>
    shop.database.query(`update skus set status = 'withdrawn' where id = $1`, [skuId]);
  const both = (status: number, code: string) => [
    [status, code],
    [status, code],
  ];

  it('makes no order of an empty cart, of nothing, or of both cart and items', async () => {
    const { skuId } = await stockGoods(shop.database);
    const newcomer = await Shopper.login(shop);
    const address = await newcomer.addAddress();
    expect(await refusals({ fromCart: true, addressId: address }, newcomer)).toEqual(
      both(422, 'order.cart_empty'),
    );
    expect(await refusals({ addressId })).toEqual(both(400, 'request.invalid'));
    expect(await refusals({ items: [{ skuId, quantity: 1 }], fromCart: true, addressId })).toEqual(
      both(400, 'request.invalid'),
    );
  });

  it('sells nothing that was withdrawn, from the cart or directly', async () => {
    const { skuId } = await stockGoods(shop.database);
    const buyer = await Shopper.login(shop);
    const address = await buyer.addAddress();
    await buyer.put(`/cart/items/${skuId}`, { quantity: 1 });
    await withdraw(skuId);
    const cart = await buyer.get<Cart>('/cart');
    expect(cart.body).toMatchObject({ totalFen: 0, items: [{ skuId, state: 'withdrawn' }] });
    const again = await buyer.put<Refusal>(`/cart/items/${skuId}`, { quantity: 2 });
    expect([again.status, again.body.code]).toEqual([409, 'cart.sku_withdrawn']);
    const body = { items: [{ skuId, quantity: 1 }], addressId: address };
    expect(await refusals(body, buyer)).toEqual(both(422, 'order.sku_not_sellable'));
    expect(await refusals({ fromCart: true, addressId: address }, buyer)).toEqual(
      both(422, 'order.sku_not_sellable'),
    );
  });

  it('sells nothing beyond the stock, also when one SKU is spread over two lines', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 3 });
    const cart = await shopper.put<Refusal>(`/cart/items/${skuId}`, { quantity: 4 });
    expect(cart).toMatchObject({ status: 409, body: { code: 'cart.beyond_stock', available: 3 } });
    const spread = [
      { skuId, quantity: 2 },
      { skuId, quantity: 2 },
    ];
    expect(await refusals({ items: spread, addressId })).toEqual(both(409, 'inventory.insufficient_stock'));
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 3, reserved: 0 });
  });

  it('reserves nothing at all when one of many lines is short', async () => {
    const [plenty, short] = [await stockGoods(shop.database), await stockGoods(shop.database, { onHand: 0 })];
    const items = [plenty, short].map(({ skuId }) => ({ skuId, quantity: 1 }));
    const answer = await shopper.post<Refusal>('/orders', { items, addressId }, { key: true });
    expect(answer.body.lines).toEqual([{ skuId: short.skuId, requested: 1, available: 0 }]);
    expect(await stockOf(shop.database, plenty.skuId)).toEqual({ onHand: 10, reserved: 0 });
  });

  it('charges the price of the moment of ordering, not that of the cart', async () => {
    const { skuId } = await stockGoods(shop.database, { priceFen: 1_000 });
    const buyer = await Shopper.login(shop);
    await buyer.put(`/cart/items/${skuId}`, { quantity: 2 });
    await shop.database.query('update skus set price_fen = 1500 where id = $1', [skuId]);
    const address = await buyer.addAddress();
    const order = await buyer.post<OrderBody>(
      '/orders',
      { fromCart: true, addressId: address },
      { key: true },
    );
    expect(order.body).toMatchObject({
      items: [{ priceFen: 1_500 }],
      amounts: { itemsFen: 3_000, totalFen: 3_800 },
    });
    await shop.database.query('update skus set price_fen = 9999 where id = $1', [skuId]);
    const shown = await buyer.get<OrderBody>(`/orders/${order.body.id}`);
    expect(shown.body.amounts).toEqual(order.body.amounts);
  });

  it('listens to no price that the client sends', async () => {
    const { skuId } = await stockGoods(shop.database);
    const item = { skuId, quantity: 1 };
    const attempts = [
      { items: [{ ...item, priceFen: 1 }], addressId },
      { items: [item], addressId, totalFen: 1 },
      { items: [item], addressId, amounts: { totalFen: 1 } },
    ];
    for (const body of attempts) expect(await refusals(body)).toEqual(both(400, 'request.invalid'));
  });

  it('refuses an order that is worth more than can be paid at once', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 999, priceFen: 100_000_000 });
    const body = { items: [{ skuId, quantity: 999 }], addressId };
    expect(await refusals(body)).toEqual(both(422, 'order.too_large'));
  });

  it('keeps the address as it was when ordered', async () => {
    const { skuId } = await stockGoods(shop.database);
    const order = await shopper.order(skuId);
    const { body } = await shopper.get<{ items: { id: string }[] }>('/addresses');
    for (const { id } of body.items)
      await shopper.send('PATCH', `/addresses/${id}`, { body: { cityName: '广州市' } });
    const shown = await shopper.get(`/orders/${order.id}`);
    expect(shown.body['address']).toMatchObject({ cityName: '深圳市' });
  });

  it('sells the last three units of a race between twenty shoppers to exactly three', async () => {
    const { skuId } = await stockGoods(shop.database, { onHand: 3 });
    const shoppers = await Promise.all(Array.from({ length: 20 }, () => Shopper.login(shop)));
    const addresses = await Promise.all(shoppers.map(each => each.addAddress()));
    const answers = await Promise.all(
      shoppers.map((each, index) =>
        each.post<Refusal>(
          '/orders',
          { items: [{ skuId, quantity: 1 }], addressId: addresses[index] },
          { key: true },
        ),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    const losers = answers.filter(({ status }) => status !== 201);
    expect(new Set(losers.map(({ body }) => body.code))).toEqual(new Set(['inventory.insufficient_stock']));
    expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 3, reserved: 3 });
    expect(await replayLedger(shop.database, skuId)).toEqual({ onHand: 3, reserved: 3 });
  });

  it('orders the same two SKUs in both sequences at once without a deadlock reaching anybody', async () => {
    const goods = [
      await stockGoods(shop.database, { onHand: 40 }),
      await stockGoods(shop.database, { onHand: 40 }),
    ];
    const items = goods.map(({ skuId }) => ({ skuId, quantity: 1 }));
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        shopper.post('/orders', { items: index % 2 ? items : items.toReversed(), addressId }, { key: true }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(201));
    for (const { skuId } of goods)
      expect(await stockOf(shop.database, skuId)).toEqual({ onHand: 40, reserved: 30 });
  });
});
