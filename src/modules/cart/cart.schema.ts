import { z } from 'zod';
import { sumFen } from '../../kernel/money.js';
import type { CatalogSku } from '../catalog/catalog.contract.js';
import type { CartLine } from './cart.contract.js';

export const skuIdParam = z.string().min(1).max(64);

export const putCartLine = z.strictObject({ quantity: z.int().min(1).max(999) });
export type PutCartLineInput = z.output<typeof putCartLine>;

const cartLineView = z.object({
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
export type CartLineView = z.output<typeof cartLineView>;

/** `totalFen` counts what can be ordered now. */
export const cartView = z.object({ items: z.array(cartLineView), totalFen: z.int() });
export type CartView = z.output<typeof cartView>;

/** Lines with today's price and stock, without those whose SKU no longer exists at all. */
export function toCartView(
  lines: readonly CartLine[],
  skus: ReadonlyMap<string, CatalogSku>,
  availability: ReadonlyMap<string, number>,
): CartView {
  const items = lines.flatMap(line => {
    const sku = skus.get(line.skuId);
    return sku ? [toLineView(line, sku, availability.get(line.skuId) ?? 0)] : [];
  });
  return { items, totalFen: sumFen(items.filter(({ state }) => state === 'ok').map(item => item.totalFen)) };
}

function toLineView({ quantity }: CartLine, sku: CatalogSku, available: number): CartLineView {
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

function stateOf(sku: CatalogSku, quantity: number, available: number): CartLineView['state'] {
  if (sku.status === 'withdrawn') return 'withdrawn';
  return quantity > available ? 'beyond_stock' : 'ok';
}
