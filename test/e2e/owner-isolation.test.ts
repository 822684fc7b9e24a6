import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { validValue } from '../support/bad-values.ts';
import { giveCoupon } from '../support/coupons.ts';
import { stockGoods, stockOf } from '../support/goods.ts';
import { call, type Answer } from '../support/http.ts';
import { fillPath, operations, parametersIn, type Operation, type Schema } from '../support/openapi.ts';
import { flawOf } from '../support/problems.ts';
import { homeAddress, Shopper } from '../support/shopper.ts';
import { advance } from '../support/trades.ts';

/** What one shopper has, and nobody else may touch. */
interface Belongings {
  readonly owner: Shopper;
  readonly addressId: string;
  readonly couponId: string;
  readonly orderId: string;
  readonly shippedOrderId: string;
  readonly skuId: string;
  /** One of each collection in `collections`. */
  readonly made: ReadonlyMap<string, string>;
}

type IdOf = (belongings: Belongings) => string;

/**
 * Ids that belong to a shopper, by the path they follow or the body's property (named as in `Belongings`). A new route
 * needs a line here, unless posting to its collection makes what it is about, as in every generated module.
 */
const ownedPaths: Readonly<Record<string, readonly IdOf[]>> = {
  '/api/v1/addresses/{id}': [({ addressId }) => addressId],
  '/api/v1/orders/{id}': [({ orderId }) => orderId, ({ shippedOrderId }) => shippedOrderId],
};
const ownedProperties: Readonly<Record<string, IdOf>> = {
  addressId: ({ addressId }) => addressId,
  couponId: ({ couponId }) => couponId,
};

/** Ids that are the same for everybody, and why. */
const sharedPaths: Readonly<Record<string, string>> = {
  '/api/v1/cart/items/{skuId}': 'SKUs are the shop’s; the cart is the caller’s own',
  '/api/v1/coupons/{id}': 'what is given out is the shop’s; the coupon claimed of it is the caller’s own',
};
const sharedProperties: Readonly<Record<string, string>> = {
  templateIds: 'message templates are the shop’s; the grants are the caller’s own',
  skuId: 'SKUs are the shop’s',
};

/** Nothing of the staff's routes is a shopper's own: test/e2e/admin-permission.test.ts has them. */
const guarded = operations().filter(({ isPublic, permission }) => !isPublic && permission === undefined);
const byPath = guarded.filter(route => parametersIn(route, 'path').length > 0);
const byBody = guarded.flatMap(route =>
  (route.body ? idsIn(route.body) : [])
    .filter(name => name in ownedProperties)
    .map(name => [route, name] as const),
);
const lists = guarded.filter(({ method, path }) => method === 'GET' && !path.includes('{'));

/** `/api/v1/orders/{id}/cancel` is about what `/api/v1/orders/{id}` is. */
const subjectOf = (path: string): string => path.slice(0, path.lastIndexOf('}') + 1);

const collections: ReadonlyMap<string, Operation> = new Map(
  guarded
    .filter(({ method, path, body }) => method === 'POST' && body && !path.includes('{'))
    .map(post => [`${post.path}/{id}`, post] as const)
    .filter(([path]) => !(path in ownedPaths) && byPath.some(route => subjectOf(route.path) === path)),
);

function idsOf(path: string): readonly IdOf[] {
  const subject = subjectOf(path);
  const isMade = collections.has(subject);
  return ownedPaths[subject] ?? (isMade ? [({ made }) => made.get(subject)!] : []);
}

async function makeOneOfEach(owner: Shopper): Promise<ReadonlyMap<string, string>> {
  const made = new Map<string, string>();
  for (const [subject, { path, body }] of collections) {
    const answer = await owner.post<{ id: string }>(path.replace('/api/v1', ''), validValue(body!));
    expect([answer.status, answer.body.id]).toEqual([201, expect.any(String)]);
    made.set(subject, answer.body.id);
  }
  return made;
}

function idsIn({ properties = {}, items }: Schema): readonly string[] {
  const own = Object.keys(properties).filter(name => /Ids?$/.test(name));
  const inner = [...Object.values(properties), ...(items ? [items] : [])].flatMap(idsIn);
  return [...own, ...inner];
}

describe('a stranger', () => {
  let shop: TestApp;
  let stranger: Shopper;
  beforeAll(async () => {
    shop = await startApp();
    stranger = await Shopper.login(shop);
  });
  afterAll(() => shop.stop());

  async function belongings(goods?: Pick<Belongings, 'skuId'>): Promise<Belongings> {
    const owner = await Shopper.login(shop);
    const { skuId } = goods ?? (await stockGoods(shop.database));
    const [order, shipped] = [await owner.order(skuId), await owner.order(skuId)];
    await advance(shop, shipped.id, 'shipped');
    await owner.put(`/cart/items/${skuId}`, { quantity: 1 });
    return {
      owner,
      addressId: await owner.addAddress(),
      couponId: await giveCoupon(shop.database, owner),
      orderId: order.id,
      shippedOrderId: shipped.id,
      skuId,
      made: await makeOneOfEach(owner),
    };
  }

  /** Everything the owner can see but how much is left of the shop's goods, and what lies behind it. */
  async function everythingOf({ owner }: Belongings): Promise<unknown> {
    const seen = await Promise.all(lists.map(({ path }) => owner.get(path.replace('/api/v1', ''))));
    const rowsOf = (sql: string) => shop.database.query(sql, [owner.userId]);
    const behind = await Promise.all([
      rowsOf('select * from users where id = $1'),
      rowsOf('select * from sessions where user_id = $1 order by id'),
      rowsOf('select * from cart_items where user_id = $1 order by sku_id'),
      rowsOf('select * from orders where user_id = $1 order by id'),
      rowsOf(
        'select p.* from payments p join orders o on o.number = p.reference where o.user_id = $1 order by p.id',
      ),
      rowsOf('select * from addresses where user_id = $1 order by id'),
      rowsOf('select * from coupons where user_id = $1 order by id'),
    ]);
    return {
      seen: seen.map(({ text }) => text.replace(/"available":\d+/g, '')),
      behind: behind.map(({ rows }) => rows as unknown),
    };
  }

  /** The stock too, which nobody else moves as long as nobody else has goods of its kind. */
  const everythingAndStockOf = async (mine: Belongings): Promise<unknown> => [
    await everythingOf(mine),
    await stockOf(shop.database, mine.skuId),
  ];

  function ask(
    who: Shopper,
    { method, path, body }: Operation,
    mine: Belongings,
    idOf?: IdOf,
    change: object = {},
  ): Promise<Answer> {
    const target = fillPath(path, () => (idOf ? idOf(mine) : ''));
    const valid = body && { ...(validValue(body) as object), ...ownIds(body, mine), ...itemsOf(body, mine) };
    return who.send(method, target.replace('/api/v1', ''), {
      body: valid && { ...valid, ...change },
      key: method === 'POST' ? true : undefined,
    });
  }

  function expectNotFound(answer: Answer): void {
    expect([answer.status, flawOf(answer)]).toEqual([404, undefined]);
    for (const secret of [homeAddress.userName, homeAddress.telNumber, homeAddress.detailInfo]) {
      expect(answer.text).not.toContain(secret);
    }
    expect(Object.keys(answer.body).sort()).toEqual(['code', 'status', 'title', 'traceId', 'type']);
  }

  it('meets no route whose ids this test does not know', () => {
    const paths = byPath
      .map(({ path }) => path)
      .filter(path => idsOf(path).length === 0 && !(subjectOf(path) in sharedPaths));
    const names = guarded.flatMap(({ body, parameters }) => [
      ...(body ? idsIn(body) : []),
      ...parameters
        .filter(({ in: place }) => place === 'query')
        .map(({ name }) => name)
        .filter(name => /Ids?$/.test(name)),
    ]);
    expect(paths).toEqual([]);
    expect(names.filter(name => !(name in ownedProperties) && !(name in sharedProperties))).toEqual([]);
  });

  it.each(byPath.filter(({ path }) => idsOf(path).length > 0))(
    'gets 404 from %s, and nothing changes',
    async route => {
      for (const idOf of idsOf(route.path)) {
        const mine = await belongings();
        const before = await everythingAndStockOf(mine);
        expectNotFound(await ask(stranger, route, mine, idOf));
        expect(await everythingAndStockOf(mine)).toEqual(before);
        const control = await ask(mine.owner, route, mine, idOf);
        expect(control.status).not.toBe(404);
      }
    },
  );

  it.each(byBody)(
    'gets 404 from %s for somebody else’s %s among their own, and nothing changes',
    async (route, name) => {
      const [mine, theirs] = [await belongings(), await belongings()];
      const before = await everythingAndStockOf(mine);
      expectNotFound(await ask(theirs.owner, route, { ...theirs, [name]: ownedProperties[name]!(mine) }));
      expect(await everythingAndStockOf(mine)).toEqual(before);
      expect((await ask(mine.owner, route, mine)).status).toBeLessThan(300);
    },
  );

  it.each(guarded)('with the same goods moves nothing but their own with %s', async route => {
    for (const [idOf, change] of waysToPlay(route)) {
      // In this order: what builds theirs may already have reached into mine.
      const theirs = await belongings();
      const mine = await belongings(theirs);
      const before = await everythingOf(mine);
      const answer = await ask(theirs.owner, route, theirs, idOf, change);
      // A flag that reached too far is refused and rolled back, as a cart is that holds less than it should.
      expect(answer.status).toBeLessThan(change === plain ? 500 : 300);
      expect(await everythingOf(mine)).toEqual(before);
    }
  });

  it.each(lists)('finds nothing of somebody else in %s', async ({ path }) => {
    const mine = await belongings();
    const { status, text } = await stranger.get(path.replace('/api/v1', ''));
    expect(status).toBe(200);
    for (const secret of [
      mine.addressId,
      mine.couponId,
      mine.orderId,
      mine.skuId,
      mine.owner.userId,
      ...mine.made.values(),
      homeAddress.telNumber,
    ]) {
      expect(text).not.toContain(secret);
    }
  });

  it.each(guarded)('gets 401 from %s without a token', async route => {
    const target = shop.url + fillPath(route.path, () => 'x');
    const answer = await call(route.method, target, { body: route.body && validValue(route.body) });
    expect([answer.status, flawOf(answer)]).toEqual([401, undefined]);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });
});

function ownIds(schema: Schema, mine: Belongings): object {
  const names = Object.keys(schema.properties ?? {}).filter(name => name in ownedProperties);
  return Object.fromEntries(names.map(name => [name, ownedProperties[name]!(mine)]));
}

function itemsOf({ properties = {} }: Schema, { skuId }: Belongings): object {
  return 'items' in properties ? { items: [{ skuId, quantity: 1 }] } : {};
}

/** Every id of one's own, or the SKU that all share, with every flag of the body raised in turn: flags reach further. */
function waysToPlay({ path, body }: Operation): readonly (readonly [IdOf, object])[] {
  const ids = idsOf(path).length > 0 ? idsOf(path) : [({ skuId }: Belongings) => skuId];
  return ids.flatMap(idOf => [plain, ...flagsIn(body)].map(change => [idOf, change] as const));
}

const plain: object = {};

function flagsIn({ properties = {} }: Schema = {}): readonly object[] {
  const flags = Object.keys(properties).filter(name => properties[name]!.type === 'boolean');
  return flags.map(name => ({ [name]: true, ...(name === 'fromCart' ? { items: undefined } : {}) }));
}
