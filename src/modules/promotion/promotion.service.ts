import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/clock.js';
import { isId } from '../../kernel/id.js';
import type { Fen } from '../../kernel/money.js';
import { lastIdOf } from '../../kernel/page.js';
import { reasonNotToUse } from './coupon.machine.js';
import { CouponRepository, type Coupon } from './coupon.repository.js';
import { CouponTemplateRepository } from './coupon-template.repository.js';
import { discountLines } from './discount.js';
import { Coupons, type CouponLine } from './promotion.contract.js';
import { CouponNotFound, CouponNotUsable } from './promotion.errors.js';
import {
  toCouponView,
  toOfferView,
  type CouponPage,
  type MyCouponQuery,
  type OfferPage,
  type OfferQueryInput,
} from './promotion.schema.js';

@Injectable()
export class PromotionService extends Coupons {
  constructor(
    private readonly coupons: CouponRepository,
    private readonly templates: CouponTemplateRepository,
    private readonly clock: Clock,
  ) {
    super();
  }

  async listOffers(userId: string, { limit, cursor }: OfferQueryInput): Promise<OfferPage> {
    const query = { userId, at: this.clock.now(), limit, beforeId: lastIdOf(cursor) };
    const { items, nextCursor } = await this.templates.listOffered(query);
    return { items: items.map(toOfferView), nextCursor };
  }

  async listMine(userId: string, { status, limit, cursor }: MyCouponQuery): Promise<CouponPage> {
    const at = this.clock.now();
    const query = { status, at, limit, beforeId: lastIdOf(cursor) };
    const { items, nextCursor } = await this.coupons.listOwned(userId, query);
    return { items: items.map(coupon => toCouponView(coupon, at)), nextCursor };
  }

  async quote(userId: string, couponId: string, lines: readonly CouponLine[]): Promise<readonly Fen[]> {
    const coupon = await this.getUsable(userId, couponId);
    const discounts = discountLines(coupon, lines);
    if (typeof discounts === 'string') throw new CouponNotUsable({ reason: discounts });
    return discounts;
  }

  async redeem(userId: string, couponId: string, orderId: string): Promise<void> {
    if (await this.coupons.take(userId, couponId, orderId, this.clock.now())) return;
    await this.getUsable(userId, couponId);
    throw new CouponNotUsable({ reason: 'used' });
  }

  release(orderId: string): Promise<void> {
    return this.coupons.release(orderId);
  }

  private async getUsable(userId: string, couponId: string): Promise<Coupon> {
    const coupon = isId(couponId) ? await this.coupons.findOwned(userId, couponId) : null;
    if (!coupon) throw new CouponNotFound();
    const reason = reasonNotToUse(coupon, this.clock.now());
    if (reason) throw new CouponNotUsable({ reason });
    return coupon;
  }
}
