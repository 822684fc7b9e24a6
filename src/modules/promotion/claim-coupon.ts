import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/clock.js';
import { isId, newId } from '../../kernel/id.js';
import {
  Idempotency,
  type IdempotentAnswer,
  type StoredAnswer,
} from '../../platform/idempotency/idempotency.js';
import { refusalToClaim, validityOf } from './coupon.machine.js';
import { CouponRepository, type NewCoupon } from './coupon.repository.js';
import { CouponTemplateRepository, type CouponTemplate } from './coupon-template.repository.js';
import { CouponLimitReached, CouponSoldOut, CouponTemplateNotFound } from './promotion.errors.js';
import { toCouponView } from './promotion.schema.js';

export interface ClaimCouponCommand {
  readonly userId: string;
  readonly templateId: string;
  readonly idempotencyKey: string | undefined;
}

/**
 * One more coupon for a shopper, once per idempotency key. Claims of one template run one after another, on its row;
 * those that come too late are told by a read, without waiting for it.
 */
@Injectable()
export class ClaimCoupon {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly templates: CouponTemplateRepository,
    private readonly coupons: CouponRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws CouponTemplateNotFound, CouponNotClaimable, CouponLimitReached, CouponSoldOut; the idempotency errors */
  async execute({ userId, templateId, idempotencyKey }: ClaimCouponCommand): Promise<IdempotentAnswer> {
    const request = {
      ownerId: userId,
      key: idempotencyKey,
      fingerprint: ['POST /coupons/claim', templateId],
    };
    return this.idempotency.execute(request, async () => {
      await this.assertClaimable(userId, templateId);
      return () => this.claim(userId, templateId);
    });
  }

  private async assertClaimable(userId: string, templateId: string): Promise<void> {
    const template = isId(templateId) ? await this.templates.findOffered(userId, templateId) : null;
    if (!template) throw new CouponTemplateNotFound();
    const refusal = refusalToClaim(template, this.clock.now());
    if (refusal) throw refusal;
  }

  private async claim(userId: string, templateId: string): Promise<StoredAnswer> {
    const claimedAt = this.clock.now();
    const template = await this.templates.takeOne(templateId, claimedAt);
    if (!template) return this.explain(userId, templateId);
    const coupon = newCoupon(template, userId, claimedAt);
    if (!(await this.coupons.insert(coupon, template.perUserLimit)))
      throw new CouponLimitReached({ perUserLimit: template.perUserLimit });
    const view = toCouponView({ ...template, ...coupon, orderId: null, usedAt: null }, claimedAt);
    return { status: 201, body: JSON.stringify(view) };
  }

  /** Others were faster, or its time ended just now. */
  private async explain(userId: string, templateId: string): Promise<never> {
    await this.assertClaimable(userId, templateId);
    throw new CouponSoldOut();
  }
}

function newCoupon(template: CouponTemplate, userId: string, claimedAt: Date): NewCoupon {
  return { id: newId(), templateId: template.id, userId, claimedAt, ...validityOf(template, claimedAt) };
}
