/** One shopper: logs in, finds something, fills a cart, takes a coupon, orders, pays, and sees the order paid. */
import { randomUUID } from 'node:crypto';
import type { Call, Peer } from './client.ts';
import { ensure, type Meaning, type Narrator } from './narrator.ts';
import type {
  Cart,
  ClientPayment,
  Coupon,
  Deliveries,
  Home,
  LoginCode,
  Offers,
  Order,
  Preview,
  Product,
  ProductPage,
  Session,
  Sku,
} from './views.ts';

const QUANTITY = 2;
const PAID_WITHIN_MS = 10_000;
const ADDRESS = {
  userName: '林小鱼',
  telNumber: '13800138000',
  provinceName: '浙江省',
  cityName: '杭州市',
  countyName: '西湖区',
  detailInfo: '文三路 90 号 3 幢 502 室',
  postalCode: '310012',
  nationalCode: '330106',
};

export class Journey {
  readonly #narrator: Narrator;
  readonly #shop: Peer;
  readonly #phone: Peer;
  #headers: Readonly<Record<string, string>> = {};

  constructor(narrator: Narrator, shop: Peer, phone: Peer) {
    this.#narrator = narrator;
    this.#shop = shop;
    this.#phone = phone;
  }

  /** @throws StepFailed */
  async play(): Promise<Order> {
    await this.#logIn();
    const sku = await this.#chooseSku(await this.#browse());
    await this.#fillCart(sku);
    const couponId = await this.#claimCoupon();
    const order = await this.#placeOrder(await this.#saveAddress(), couponId);
    await this.#pay(order);
    return this.#untilPaid(order);
  }

  async #logIn(): Promise<void> {
    const { code } = await this.#onPhone<LoginCode>(
      { method: 'POST', path: 'login-codes', expected: 200, body: {} },
      () => 'the phone calls wx.login and gets a code for a new WeChat user',
    );
    const { accessToken } = await this.#inShop<Session>(
      { method: 'POST', path: '/auth/wechat', expected: 200, body: { code } },
      ({ body }) => `logged in as user ${body.user.id} for ${body.expiresInSeconds} s`,
    );
    this.#headers = { authorization: `Bearer ${accessToken}` };
  }

  /** Returns what a search for two characters of a name on the first screen has found. */
  async #browse(): Promise<ProductPage> {
    const home = await this.#inShop<Home>(get('/home'), ({ body }) => {
      ensure(body.hotProducts?.length, 'the shop has no products on its first screen: npm run db:seed');
      return `first screen: ${body.categories?.length ?? 0} categories, ${body.hotProducts.length} hot products`;
    });
    await this.#inShop<{ items: { name: string }[] }>(get('/categories'), ({ body: { items } }) => {
      ensure(items.length > 0, 'there are no categories');
      return `${items.length} categories: ${items.map(({ name }) => name).join('、')}`;
    });
    const words = home.hotProducts?.flatMap(({ name }) => name.match(/\p{Script=Han}{2}/u) ?? []) ?? [];
    const [word] = words;
    ensure(word, 'no hot product has two Chinese characters in its name to search for');
    await this.#search(word.slice(0, 1));
    return this.#search(word);
  }

  #search(text: string): Promise<ProductPage> {
    const path = `/products?q=${encodeURIComponent(text)}&limit=10`;
    return this.#inShop<ProductPage>(get(path), ({ body: { items } }) => {
      ensure(items.length > 0, `nothing found for ${text}`);
      const stray = items.find(({ name }) => !name.includes(text));
      ensure(!stray, `${stray?.name} was found for ${text}`);
      return `search for ${text}: ${items.length} products, first ${items[0]?.name}`;
    });
  }

  async #chooseSku({ items }: ProductPage): Promise<Sku> {
    for (const { id } of items) {
      const { skus } = await this.#inShop<Product>(
        get(`/products/${id}`),
        ({ body }) => `${body.name}: ${body.skus.map(describeSku).join(', ')}`,
      );
      // The best stocked one: the demo must work a thousand times.
      const [sku] = skus.toSorted((a, b) => b.available - a.available);
      if (sku && sku.available >= QUANTITY) return sku;
    }
    ensure(false, `none of the products found has ${QUANTITY} pieces left: npm run db:reset`);
  }

  async #fillCart({ id, name, priceFen }: Sku): Promise<void> {
    const body = { quantity: QUANTITY };
    await this.#inShop<Cart>(
      { method: 'PUT', path: `/cart/items/${id}`, expected: 200, body },
      () => `${QUANTITY} × ${name} in the cart`,
    );
    await this.#inShop<Cart>(get('/cart'), ({ body: cart }) => {
      const total = priceFen * QUANTITY;
      ensure(cart.totalFen === total, `the cart says ${yuan(cart.totalFen)} instead of ${yuan(total)}`);
      return `the cart holds ${cart.items.length} line, ${yuan(cart.totalFen)} at today's prices`;
    });
  }

  /** The first one that suits every cart. */
  async #claimCoupon(): Promise<string> {
    const suits = ({ minimumFen, categoryIds, productIds }: Offers['items'][number]): boolean =>
      minimumFen === 0 && !categoryIds && !productIds;
    const { items } = await this.#inShop<Offers>(get('/coupons'), ({ body }) => {
      ensure(body.items.some(suits), 'the shop gives out no coupon that suits every cart: npm run db:seed');
      return `coupons to claim: ${body.items.map(({ name }) => name).join('、')}`;
    });
    const headers = { 'idempotency-key': randomUUID() };
    const path = `/coupons/${items.find(suits)!.id}/claim`;
    const { id } = await this.#inShop<Coupon>(
      { method: 'POST', path, expected: 201, headers },
      ({ body: { name, validUntil } }) => `${name} is the shopper's until ${validUntil}`,
    );
    return id;
  }

  async #saveAddress(): Promise<string> {
    const { id } = await this.#inShop<{ id: string }>(
      { method: 'POST', path: '/addresses', expected: 201, body: ADDRESS },
      () => 'an address as wx.chooseAddress gives it',
    );
    return id;
  }

  /** Orders twice with one key, as a phone does after a lost answer. */
  async #placeOrder(addressId: string, couponId: string): Promise<Order> {
    const body = { fromCart: true, addressId, couponId };
    const preview = await this.#inShop<Preview>(
      { method: 'POST', path: '/orders/preview', expected: 200, body },
      ({ body: { amounts } }) => {
        ensure(amounts.discountFen > 0, 'the coupon takes nothing off');
        const parts = `freight ${yuan(amounts.freightFen)} included, ${yuan(amounts.discountFen)} off by the coupon`;
        return `would cost ${yuan(amounts.totalFen)}, ${parts}`;
      },
    );
    const headers = { 'idempotency-key': randomUUID() };
    const call: Call = { method: 'POST', path: '/orders', expected: 201, body, headers };
    let first = '';
    const order = await this.#inShop<Order>(call, ({ body: placed, text }) => {
      first = text;
      ensure(
        placed.amounts.totalFen === preview.amounts.totalFen,
        'the order costs more or less than its preview',
      );
      return `order ${placed.number} ${placed.status}, stock reserved until ${placed.expiresAt}`;
    });
    await this.#inShop<Order>(call, ({ headers: answered, text }) => {
      ensure(answered.get('idempotency-replayed') === 'true', 'the same key placed an order again');
      ensure(text === first, 'the same key was answered with other bytes');
      return 'the same key again: the same answer, Idempotency-Replayed: true';
    });
    return order;
  }

  async #pay({ id, number }: Order): Promise<void> {
    const body = await this.#inShop<ClientPayment>(
      { method: 'POST', path: `/orders/${id}/payment`, expected: 200 },
      ({ body: { signType } }) =>
        `WeChat Pay has a prepay id; parameters of wx.requestPayment, signed ${signType}`,
    );
    await this.#onPhone(
      { method: 'POST', path: 'payments', expected: 200, body },
      () => 'the phone checks the signature, the shopper confirms, WeChat takes the money',
    );
    // Looked at first, because asking for the order lets the shop ask WeChat, which would hide a notice that fails.
    await this.#narrator.poll<Deliveries>(
      this.#phone,
      sandboxCall(get('notifications')),
      { done: ({ items }) => noticesOf(items, number).some(isAcknowledged), withinMs: PAID_WITHIN_MS },
      ({ body: { items } }) => {
        const notices = noticesOf(items, number);
        const told = notices.find(isAcknowledged);
        ensure(told, `the shop has not accepted WeChat's notice: ${JSON.stringify(notices)}`);
        return `WeChat told the shop: notice answered ${told.status} at attempt ${told.attempt}`;
      },
    );
  }

  #untilPaid({ id }: Order): Promise<Order> {
    return this.#narrator.poll<Order>(
      this.#shop,
      this.#shopCall(get(`/orders/${id}`)),
      { done: ({ status }) => status === 'paid', withinMs: PAID_WITHIN_MS },
      ({ body: { status, paidAt } }) => {
        ensure(status === 'paid', `the order is ${status} ${PAID_WITHIN_MS / 1000} s after its payment`);
        return `the order is paid since ${paidAt}`;
      },
    );
  }

  #inShop<Body>(call: Call, meaning: Meaning<Body>): Promise<Body> {
    return this.#narrator.step(this.#shop, this.#shopCall(call), meaning);
  }

  #onPhone<Body>(call: Call, meaning: Meaning<Body>): Promise<Body> {
    return this.#narrator.step(this.#phone, sandboxCall(call), meaning);
  }

  #shopCall(call: Call): Call {
    return { ...call, path: `/api/v1${call.path}`, headers: { ...this.#headers, ...call.headers } };
  }
}

export function yuan(fen: number): string {
  return `¥${(fen / 100).toFixed(2)}`;
}

function get(path: string): Call {
  return { method: 'GET', path, expected: 200 };
}

function sandboxCall(call: Call): Call {
  return { ...call, path: `/__sandbox/${call.path}` };
}

function describeSku({ name, priceFen, available }: Sku): string {
  return `${name} ${yuan(priceFen)} (${available} left)`;
}

function noticesOf(items: Deliveries['items'], number: string): Deliveries['items'] {
  return items.filter(({ outTradeNo }) => outTradeNo === number);
}

function isAcknowledged({ status }: Deliveries['items'][number]): boolean {
  return status === 200 || status === 204;
}
