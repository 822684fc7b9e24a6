import { Injectable } from '@nestjs/common';
import { isId } from '../../kernel/id.js';
import { Transactor } from '../../platform/database/transactor.js';
import { Catalog } from '../catalog/catalog.contract.js';
import { Stock } from '../inventory/inventory.contract.js';
import { CartConfig } from './cart.config.js';
import { Carts, type CartLine } from './cart.contract.js';
import { BeyondStock, CartFull, SkuNotFound, SkuWithdrawn } from './cart.errors.js';
import { CartRepository } from './cart.repository.js';
import { toCartView, type CartView } from './cart.schema.js';

@Injectable()
export class CartService extends Carts {
  constructor(
    private readonly transactor: Transactor,
    private readonly carts: CartRepository,
    private readonly catalog: Catalog,
    private readonly stock: Stock,
    private readonly config: CartConfig,
  ) {
    super();
  }

  listLines(userId: string): Promise<readonly CartLine[]> {
    return this.carts.list(userId);
  }

  async takeLines(userId: string, lines: readonly CartLine[]): Promise<boolean> {
    return (await this.carts.take(userId, lines)) === lines.length;
  }

  async view(userId: string): Promise<CartView> {
    const lines = await this.carts.list(userId);
    const skuIds = lines.map(({ skuId }) => skuId);
    const [skus, availability] = await Promise.all([
      this.catalog.findSkus(skuIds),
      this.stock.availability(skuIds),
    ]);
    return toCartView(lines, new Map(skus.map(sku => [sku.skuId, sku])), availability);
  }

  /** Sets the quantity of a line. Stock is only looked at, not reserved: ordering reserves. */
  async put(userId: string, line: CartLine): Promise<CartView> {
    await this.assertSellable(line);
    const { maxLines } = this.config;
    const fits = await this.transactor.run(async () => {
      await this.carts.lock(userId);
      return this.carts.put(userId, line, maxLines);
    });
    if (!fits) throw new CartFull({ maxLines });
    return this.view(userId);
  }

  async remove(userId: string, skuId: string): Promise<void> {
    if (isId(skuId)) await this.carts.remove(userId, skuId);
  }

  private async assertSellable({ skuId, quantity }: CartLine): Promise<void> {
    const [sku] = isId(skuId) ? await this.catalog.findSkus([skuId]) : [];
    if (!sku) throw new SkuNotFound(skuId);
    if (sku.status === 'withdrawn') throw new SkuWithdrawn({ skuId });
    const available = (await this.stock.availability([skuId])).get(skuId) ?? 0;
    if (quantity > available) throw new BeyondStock({ skuId, requested: quantity, available });
  }
}
