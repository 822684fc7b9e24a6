import { Injectable } from '@nestjs/common';
import { isId } from '../../kernel/id.js';
import { Catalog } from '../catalog/catalog.contract.js';
import { Stock } from '../inventory/inventory.contract.js';
import { CartConfig } from './cart.config.js';
import { Carts, type CartEntry } from './cart.contract.js';
import { BeyondStock, CartFull, SkuNotFound, SkuWithdrawn } from './cart.errors.js';
import { CartRepository } from './cart.repository.js';
import { toCartView, type CartView } from './cart.schema.js';

@Injectable()
export class CartService extends Carts {
  constructor(
    private readonly carts: CartRepository,
    private readonly catalog: Catalog,
    private readonly stock: Stock,
    private readonly config: CartConfig,
  ) {
    super();
  }

  listEntries(userId: string): Promise<readonly CartEntry[]> {
    return this.carts.list(userId);
  }

  async takeEntries(userId: string, entries: readonly CartEntry[]): Promise<boolean> {
    return (await this.carts.take(userId, entries)) === entries.length;
  }

  async view(userId: string): Promise<CartView> {
    const entries = await this.carts.list(userId);
    const skuIds = entries.map(({ skuId }) => skuId);
    const [skus, availability] = await Promise.all([
      this.catalog.findSkus(skuIds),
      this.stock.availability(skuIds),
    ]);
    return toCartView(entries, new Map(skus.map(sku => [sku.skuId, sku])), availability);
  }

  /** Sets the quantity of a line. Stock is only looked at, not reserved: ordering reserves. */
  async put(userId: string, entry: CartEntry): Promise<CartView> {
    await this.assertSellable(entry);
    if (!(await this.carts.put(userId, entry, this.config.maxLines)))
      throw new CartFull({ maxLines: this.config.maxLines });
    return this.view(userId);
  }

  async remove(userId: string, skuId: string): Promise<void> {
    if (isId(skuId)) await this.carts.remove(userId, skuId);
  }

  private async assertSellable({ skuId, quantity }: CartEntry): Promise<void> {
    const [sku] = isId(skuId) ? await this.catalog.findSkus([skuId]) : [];
    if (!sku) throw new SkuNotFound(skuId);
    if (sku.status === 'withdrawn') throw new SkuWithdrawn({ skuId });
    const available = (await this.stock.availability([skuId])).get(skuId) ?? 0;
    if (quantity > available) throw new BeyondStock({ skuId, requested: quantity, available });
  }
}
