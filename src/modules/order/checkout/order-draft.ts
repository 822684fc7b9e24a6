import { Injectable } from '@nestjs/common';
import { isId } from '../../../kernel/id.js';
import type { Fen } from '../../../kernel/money.js';
import { addUp } from '../../../kernel/quantities.js';
import { Carts, type CartLine } from '../../cart/cart.contract.js';
import type { CatalogSku } from '../../catalog/catalog.contract.js';
import type { ShippingAddress, Payer } from '../../identity/identity.contract.js';
import { Coupons } from '../../promotion/promotion.contract.js';
import { priceOrder, type OrderAmounts } from '../order-amounts.js';
import { OrderConfig } from '../order.config.js';
import { CartEmpty, OrderTooLarge, SkuNotSellable } from '../order.errors.js';
import type { OrderLine } from '../order.repository.js';
import type { DraftOrderInput } from '../order.schema.js';
import { DraftFacts } from './draft-facts.js';

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
    private readonly facts: DraftFacts,
    private readonly carts: Carts,
    private readonly coupons: Coupons,
    private readonly config: OrderConfig,
  ) {}

  /** @throws SkuNotSellable, InsufficientStock, AddressNotFound, CartEmpty, OrderTooLarge; what Coupons.quote throws */
  async draft(userId: string, input: DraftOrderInput): Promise<OrderDraft> {
    const entries = await this.entriesOf(userId, input);
    const { skus, address, payer, shortage } = await this.facts.read(userId, input.addressId, entries);
    const lines = await this.discounted(userId, input.couponId, sellable(entries, skus));
    const amounts = priceOrder(lines, this.config);
    if (!amounts) throw new OrderTooLarge();
    // Last of all, because what is not sold is not merely short.
    if (shortage) throw shortage;
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
