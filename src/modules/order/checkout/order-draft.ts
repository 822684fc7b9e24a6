import { Injectable } from '@nestjs/common';
import { isId } from '../../../kernel/id.js';
import type { Fen } from '../../../kernel/money.js';
import { addUp } from '../../../kernel/quantities.js';
import { Carts, type CartLine } from '../../cart/cart.contract.js';
import { Catalog, type CatalogSku } from '../../catalog/catalog.contract.js';
import { AddressBook, type ShippingAddress, type Payer } from '../../identity/identity.contract.js';
import { Stock } from '../../inventory/inventory.contract.js';
import { Coupons } from '../../promotion/promotion.contract.js';
import { priceOrder, type OrderAmounts } from '../order-amounts.js';
import { OrderConfig } from '../order.config.js';
import { CartEmpty, OrderTooLarge, SkuNotSellable } from '../order.errors.js';
import type { OrderLine } from '../order.repository.js';
import type { DraftOrderInput } from '../order.schema.js';

/** An order as it would be placed now: server prices, a checked address, nothing reserved and no coupon taken. */
export interface OrderDraft {
  readonly lines: readonly OrderLine[];
  readonly amounts: OrderAmounts;
  readonly couponId: string | null;
  readonly address: ShippingAddress;
  readonly payer: Payer;
  readonly remark: string | null;
  readonly fromCart: boolean;
}

/** Turns what the client asks for into a draft. Shared by preview and placing, so that both always agree. */
@Injectable()
export class OrderDrafts {
  constructor(
    private readonly catalog: Catalog,
    private readonly carts: Carts,
    private readonly stock: Stock,
    private readonly coupons: Coupons,
    private readonly addresses: AddressBook,
    private readonly config: OrderConfig,
  ) {}

  /** @throws SkuNotSellable, InsufficientStock, AddressNotFound, CartEmpty, OrderTooLarge; what Coupons.quote throws */
  async draft(userId: string, input: DraftOrderInput): Promise<OrderDraft> {
    const entries = await this.entriesOf(userId, input);
    // Read beside the rest, but told of last, if at all: what is not sold is not merely short.
    const stocked = this.stock.assertAvailable(entries);
    stocked.catch(() => undefined);
    const [skus, { address, payer }] = await Promise.all([
      this.catalog.findSkus(entries.map(({ skuId }) => skuId)),
      this.addresses.getAddressAndPayer(userId, input.addressId),
    ]);
    const lines = await this.discounted(userId, input.couponId, sellable(entries, skus));
    const amounts = priceOrder(lines, this.config);
    if (!amounts) throw new OrderTooLarge();
    await stocked;
    return {
      lines,
      amounts,
      couponId: input.couponId ?? null,
      address,
      payer,
      remark: input.remark || null,
      fromCart: input.fromCart === true,
    };
  }

  private async discounted(
    userId: string,
    couponId: string | undefined,
    lines: readonly SellableLine[],
  ): Promise<readonly OrderLine[]> {
    const discounts = couponId === undefined ? [] : await this.coupons.quote(userId, couponId, lines);
    return lines.map((line, index) => toLine(line, discounts[index] ?? 0));
  }

  private async entriesOf(userId: string, input: DraftOrderInput): Promise<readonly CartLine[]> {
    const entries = input.items ? addUp(input.items) : await this.carts.listLines(userId);
    if (entries.length === 0) throw new CartEmpty();
    const malformed = entries.filter(({ skuId }) => !isId(skuId)).map(({ skuId }) => skuId);
    if (malformed.length > 0) throw new SkuNotSellable({ skuIds: malformed });
    return entries;
  }
}

interface SellableLine extends CatalogSku {
  readonly quantity: number;
}

function sellable(entries: readonly CartLine[], skus: readonly CatalogSku[]): readonly SellableLine[] {
  const onSale = new Map(skus.filter(sku => sku.status === 'on_sale').map(sku => [sku.skuId, sku]));
  const missing = entries.filter(({ skuId }) => !onSale.has(skuId)).map(({ skuId }) => skuId);
  if (missing.length > 0) throw new SkuNotSellable({ skuIds: missing });
  return entries.map(({ skuId, quantity }) => ({ ...onSale.get(skuId)!, quantity }));
}

function toLine(line: SellableLine, discountFen: Fen): OrderLine {
  const { skuId, productId, productName, skuName, specs, imageUrl, priceFen, quantity } = line;
  const ordered = {
    skuId,
    productId,
    productName,
    skuName,
    specs,
    imageUrl,
    priceFen,
    quantity,
    discountFen,
  };
  return { ...ordered, refundedQuantity: 0 };
}
