/** What is asked of a server, for each kind of scenario. */
import { randomUUID } from 'node:crypto';
import { mintLoginCodes, type Shopper } from '../ground/shoppers.ts';
import type { RequestName } from '../scenario.ts';
import type { LoadRequest, SendingOrder } from './job.ts';

/** A server with everything on it that requests name. */
export interface Target {
  readonly url: string;
  readonly sandboxUrl: string;
  readonly shoppers: readonly Shopper[];
  /** Of the shoppers, in their order. */
  readonly addressIds: readonly string[];
  /** On sale, in an order that follows nothing. */
  readonly productIds: readonly string[];
  readonly skuIds: readonly string[];
}

export interface RequestKind {
  readonly expectedStatus: number;
  readonly order: SendingOrder;
  /** Of `once`: how many to prepare for a second; more than any server here answers. */
  readonly perSecond?: number;
  /** Fields that differ between two right answers. */
  readonly differing: readonly string[];
  make(target: Target, count: number): Promise<LoadRequest[]> | LoadRequest[];
}

const json = { 'content-type': 'application/json' };
const productsAsked = 100;
const listPath = '/api/v1/products?limit=20';

export const requestKinds: Readonly<Record<RequestName, RequestKind>> = {
  'product-detail': {
    expectedStatus: 200,
    order: 'each',
    differing: [],
    make: ({ productIds, shoppers }) =>
      productIds.slice(0, productsAsked).map((id, index) => get(`/api/v1/products/${id}`, shoppers, index)),
  },
  'product-list': {
    expectedStatus: 200,
    order: 'each',
    differing: [],
    make: ({ shoppers }) => shoppers.map((_, index) => get(listPath, shoppers, index)),
  },
  'product-list-unchanged': {
    expectedStatus: 304,
    order: 'each',
    differing: [],
    make: async target => {
      const etag = await etagOf(target);
      return target.shoppers.map((_, index) =>
        get(listPath, target.shoppers, index, { 'if-none-match': etag }),
      );
    },
  },
  login: {
    expectedStatus: 200,
    order: 'once',
    perSecond: 1_500,
    differing: ['accessToken', 'refreshToken', 'expiresInSeconds'],
    make: async ({ sandboxUrl }, count) => {
      const codes = await mintLoginCodes(sandboxUrl, count, 1_000);
      return codes.map(code => post('/api/v1/auth/wechat', json, { code }));
    },
  },
  'cart-write': { expectedStatus: 200, order: 'shared', differing: [], make: cartWrites },
  'order-create': {
    expectedStatus: 201,
    order: 'once',
    perSecond: 1_500,
    differing: ['id', 'number', 'createdAt', 'expiresAt'],
    make: (target, count) => Array.from({ length: count }, (_, index) => order(target, index)),
  },
};

function get(
  path: string,
  shoppers: readonly Shopper[],
  index: number,
  headers: Readonly<Record<string, string>> = {},
): LoadRequest {
  const { authorization } = shoppers[index % shoppers.length]!;
  return { method: 'GET', path, headers: { authorization, ...headers } };
}

function post(path: string, headers: Readonly<Record<string, string>>, body: object): LoadRequest {
  return { method: 'POST', path, headers, body: JSON.stringify(body) };
}

async function etagOf({ url, shoppers }: Target): Promise<string> {
  const { path, headers } = get(listPath, shoppers, 0);
  const answer = await fetch(url + path, { headers });
  await answer.arrayBuffer();
  const etag = answer.headers.get('etag');
  if (!etag) throw new Error(`${path} has no ETag`);
  return etag;
}

/** Everybody keeps three lines and changes their quantities, so that carts stay as they are. */
function cartWrites({ shoppers, skuIds }: Target): LoadRequest[] {
  const lines = 3;
  return Array.from({ length: shoppers.length * lines * 5 }, (_, index) => {
    const shopper = index % shoppers.length;
    const turn = Math.floor(index / shoppers.length);
    const skuId = skuIds[shopper * lines + (turn % lines)]!;
    const headers = { ...json, authorization: shoppers[shopper]!.authorization };
    const body = JSON.stringify({ quantity: 1 + Math.floor(turn / lines) });
    return { method: 'PUT', path: `/api/v1/cart/items/${skuId}`, headers, body };
  });
}

function order({ shoppers, addressIds, skuIds }: Target, index: number): LoadRequest {
  const shopper = index % shoppers.length;
  const { authorization } = shoppers[shopper]!;
  const headers = { ...json, authorization, 'idempotency-key': randomUUID() };
  const items = [{ skuId: skuIds[index % skuIds.length]!, quantity: 1 }];
  return post('/api/v1/orders', headers, { items, addressId: addressIds[shopper]! });
}
