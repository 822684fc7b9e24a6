/** A server with people and goods on it, ready to be asked. */
import { products, type Side } from '../scenario.ts';
import type { Target } from '../load/requests.ts';
import { onDatabase } from './databases.ts';
import type { Ground } from './ground.ts';
import type { Server } from './servers.ts';
import { addAddresses, logIn } from './shoppers.ts';

export type Goods = Pick<Target, 'productIds' | 'skuIds'>;

const people = 64;
/** More than any round asks for at once, and few enough to be named in a file. */
const most = 2_000;

/** On sale, in an order that is the same every time and follows nothing: neighbours would share pages. */
export async function findTargetGoods(ground: Ground, side: Side): Promise<Goods> {
  const url = await ground.databases.withProducts(side.products ?? products.usual);
  return onDatabase(url, async client => {
    const skus = await client.query<{ id: string; productId: string }>(
      `select sku.id, sku.product_id as "productId" from skus sku join products product on product.id = sku.product_id
       where sku.status = 'on_sale' and product.status = 'on_sale' order by md5(sku.id::text) limit $1`,
      [most],
    );
    const productIds = [...new Set(skus.rows.map(({ productId }) => productId))];
    return { productIds, skuIds: skus.rows.map(({ id }) => id) };
  });
}

/** `first` has the addresses already: only Minnow has an address book, and the people are the same. */
export async function openTarget(
  { sandboxUrl }: Ground,
  side: Side,
  { url }: Server,
  goods: Goods,
  first: Target | undefined,
): Promise<Target> {
  const ownDatabase = side.products !== undefined && side.products !== products.usual;
  const shoppers = hasPeople(side) ? await logIn(url, sandboxUrl, people) : (first?.shoppers ?? []);
  const addressIds = first && !ownDatabase ? first.addressIds : await addAddresses(url, shoppers);
  return { url, sandboxUrl, shoppers, addressIds, ...goods };
}

/** Others verify no token: any will do. */
function hasPeople({ server }: Side): boolean {
  return server === 'minnow' || server === 'usual-nest';
}
