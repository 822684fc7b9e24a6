import { Injectable } from '@nestjs/common';
import { isId } from '../../kernel/id.js';
import { Transactor } from '../../platform/database/transactor.js';
import { Catalog, type CatalogSku } from '../catalog/catalog.contract.js';
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
    return show(lines, await this.lookUp(lines));
  }

  /** Sets the quantity of a line. Stock is only looked at, not reserved: ordering reserves. */
  async put(userId: string, line: CartLine): Promise<CartView> {
    if (!isId(line.skuId)) throw new SkuNotFound(line.skuId);
    const before = await this.carts.list(userId);
    const goods = await this.lookUp([...before, line]);
    assertSellable(line, goods);
    const lines = holds(before, line) ? await this.change(userId, line) : await this.add(userId, line);
    // What others have put in meanwhile has not been looked up.
    const isKnown = lines.every(({ skuId }) => goods.skuIds.has(skuId));
    return show(lines, isKnown ? goods : await this.lookUp(lines));
  }

  async remove(userId: string, skuId: string): Promise<void> {
    if (isId(skuId)) await this.carts.remove(userId, skuId);
  }

  /** It changes no count, so it needs no lock. */
  private async change(userId: string, line: CartLine): Promise<readonly CartLine[]> {
    const lines = await this.carts.change(userId, line);
    return holds(lines, line) ? lines : this.add(userId, line);
  }

  private async add(userId: string, line: CartLine): Promise<readonly CartLine[]> {
    const { maxLines } = this.config;
    const lines = await this.transactor.run(async () => {
      await this.carts.lock(userId);
      return this.carts.put(userId, line, maxLines);
    });
    if (!holds(lines, line)) throw new CartFull({ maxLines });
    return lines;
  }

  private async lookUp(lines: readonly CartLine[]): Promise<Goods> {
    const skuIds = new Set(lines.map(({ skuId }) => skuId));
    const [skus, availability] = await Promise.all([
      this.catalog.findSkus([...skuIds]),
      this.stock.availability([...skuIds]),
    ]);
    return { skuIds, skus: new Map(skus.map(sku => [sku.skuId, sku])), availability };
  }
}

/** What is sold and stocked of the lines of a cart. */
interface Goods {
  /** What was looked for, found or not. */
  readonly skuIds: ReadonlySet<string>;
  readonly skus: ReadonlyMap<string, CatalogSku>;
  readonly availability: ReadonlyMap<string, number>;
}

function holds(lines: readonly CartLine[], line: CartLine): boolean {
  return lines.some(({ skuId }) => skuId === line.skuId);
}

function assertSellable({ skuId, quantity }: CartLine, { skus, availability }: Goods): void {
  const sku = skus.get(skuId);
  if (!sku) throw new SkuNotFound(skuId);
  if (sku.status === 'withdrawn') throw new SkuWithdrawn({ skuId });
  const available = availability.get(skuId) ?? 0;
  if (quantity > available) throw new BeyondStock({ skuId, requested: quantity, available });
}

function show(lines: readonly CartLine[], { skus, availability }: Goods): CartView {
  return toCartView(lines, skus, availability);
}
