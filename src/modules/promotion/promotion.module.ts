import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module.js';
import { ClaimCoupon } from './claim-coupon.js';
import { CouponRepository } from './coupon.repository.js';
import { CouponTemplateRepository } from './coupon-template.repository.js';
import { CouponTemplateService } from './coupon-template.service.js';
import { Coupons, CouponTemplates } from './promotion.contract.js';
import { PromotionController } from './promotion.controller.js';
import { PromotionService } from './promotion.service.js';

/**
 * Owns: coupon templates, and the coupons that shoppers have claimed of them.
 * Promises: never more coupons than the total or the limit per user; a coupon serves one order at a time and returns once
 * when that order is cancelled; discounts are whole fen, add up over the lines, and leave at least 1 fen to pay.
 * Offers: `Coupons` and `CouponTemplates`, and the routes /coupons and /me/coupons.
 * Calls: catalog, for what a template is for. Called by: order. Publishes nothing.
 */
@Module({
  imports: [CatalogModule],
  controllers: [PromotionController],
  providers: [
    CouponRepository,
    CouponTemplateRepository,
    ClaimCoupon,
    PromotionService,
    CouponTemplateService,
    { provide: Coupons, useExisting: PromotionService },
    { provide: CouponTemplates, useExisting: CouponTemplateService },
  ],
  exports: [Coupons, CouponTemplates],
})
export class PromotionModule {}
