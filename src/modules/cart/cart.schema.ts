import { z } from 'zod';
import { sumFen } from '../../kernel/money.js';
import type { CatalogSku } from '../catalog/catalog.contract.js';
import type { CartEntry } from './cart.contract.js';

export const skuIdParam = z.string().min(1).max(64);

export const putCartItem = z.strictObject({ quantity: z.int().min(1).max(999) });
export type PutCartItemInput = z.output<typeof putCartItem>;

const cartItemView = z.object({
  skuId: z.string(),
  productId: z.string(),
  productName: z.string(),
  skuName: z.string(),
  specs: z.array(z.object({ name: z.string(), value: z.string() })),
  imageUrl: z.string(),
  priceFen: z.int(),
  quantity: z.int(),
  totalFen: z.int(),
  available: z.int(),
  state: z.enum(['ok', 'beyond_stock', 'withdrawn']),
});
export type CartItemView = z.output<typeof cartItemView>;

/** `totalFen` counts what can be ordered now. */
export const cartView = z.object({ items: z.array(cartItemView), totalFen: z.int() });
export type CartView = z.output<typeof cartView>;

/** A line with today's price and stock; an entry whose SKU no longer exists at all is left out. */
export function toCartView(
  entries: readonly CartEntry[],
  skus: ReadonlyMap<string, CatalogSku>,
  availability: ReadonlyMap<string, number>,
): CartView {
  const items = entries.flatMap(entry => {
    const sku = skus.get(entry.skuId);
    return sku ? [toItem(entry, sku, availability.get(entry.skuId) ?? 0)] : [];
  });
  return { items, totalFen: sumFen(items.filter(({ state }) => state === 'ok').map(item => item.totalFen)) };
}

function toItem({ quantity }: CartEntry, sku: CatalogSku, available: number): CartItemView {
  const { skuId, productId, productName, skuName, specs, imageUrl, priceFen } = sku;
  return {
    skuId,
    productId,
    productName,
    skuName,
    specs: [...specs],
    imageUrl,
    priceFen,
    quantity,
    totalFen: priceFen * quantity,
    available: sku.status === 'withdrawn' ? 0 : available,
    state: stateOf(sku, quantity, available),
  };
}

function stateOf(sku: CatalogSku, quantity: number, available: number): CartItemView['state'] {
  if (sku.status === 'withdrawn') return 'withdrawn';
  return quantity > available ? 'beyond_stock' : 'ok';
}
