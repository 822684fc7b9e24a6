import { AppError } from '../../kernel/app-error.js';
import type { NoDiscount } from './discount.js';

/** Also somebody else's. */
export class CouponNotFound extends AppError {
  readonly kind = 'absent';
  readonly code = 'coupon.not_found';
  override readonly title = { zh: '优惠券不存在', en: 'No such coupon' };

  constructor() {
    super('no such coupon of this user');
  }
}

export class CouponTemplateNotFound extends AppError {
  readonly kind = 'absent';
  readonly code = 'coupon.template_not_found';
  override readonly title = { zh: '优惠券活动不存在', en: 'No such coupon is given out' };

  constructor() {
    super('no such coupon template');
  }
}

/** `over` also when the shop has ended it. */
export class CouponNotClaimable extends AppError {
  readonly kind = 'conflict';
  readonly code = 'coupon.not_claimable';
  override readonly title = { zh: '不在领取时间内', en: 'This coupon cannot be claimed now' };

  constructor(override readonly details: { readonly reason: 'not_yet' | 'over' }) {
    super('outside the time in which the coupon is given out');
  }
}

export class CouponSoldOut extends AppError {
  readonly kind = 'conflict';
  readonly code = 'coupon.sold_out';
  override readonly title = { zh: '优惠券已领完', en: 'All of these coupons are taken' };

  constructor() {
    super('all coupons of the template are claimed');
  }
}

export class CouponLimitReached extends AppError {
  readonly kind = 'conflict';
  readonly code = 'coupon.limit_reached';
  override readonly title = { zh: '已达到领取上限', en: 'You have claimed this coupon as often as you may' };

  constructor(override readonly details: { readonly perUserLimit: number }) {
    super('the user has all coupons of the template that one user may have');
  }
}

export type NotUsableReason = 'used' | 'not_yet_valid' | 'expired' | NoDiscount;

export class CouponNotUsable extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'coupon.not_usable';
  override readonly title = { zh: '优惠券不可用于此订单', en: 'This coupon cannot be used for this order' };

  constructor(override readonly details: { readonly reason: NotUsableReason }) {
    super('the coupon gives nothing for this order');
  }
}

/** Nobody's coupon changes in their hands; a wrong template is ended and a new one made. */
export class CouponTemplateFixed extends AppError {
  readonly kind = 'conflict';
  readonly code = 'coupon.template_fixed';
  override readonly title = {
    zh: '优惠券已被领取或已结束，不能修改',
    en: 'The coupon has been claimed or ended and can no longer be changed',
  };

  constructor() {
    super('a template is fixed by its first claim and by its end');
  }
}

export class CouponScopeUnknown extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'coupon.scope_unknown';
  override readonly title = { zh: '部分分类或商品不存在', en: 'Some categories or products do not exist' };

  constructor(override readonly details: { readonly ids: readonly string[] }) {
    super('the catalogue does not know what the coupon is for');
  }
}
