import { z } from 'zod';
import type { Page } from '../../kernel/page.js';
import { pageQuery } from '../../platform/http/input/page-query.js';
import { couponState, couponStates } from './coupon.machine.js';
import type { Coupon } from './coupon.repository.js';
import type {
  CountedTemplate,
  CouponTemplate,
  OfferedTemplate,
  TemplateTerms,
} from './coupon-template.repository.js';
import type { DiscountTerms } from './discount.js';
import { couponTerms, type CouponTemplateInput, type CouponTemplateView } from './promotion.contract.js';

/** Any text: a malformed id is as unknown as any other. */
export const templateIdParam = z.string().min(1).max(64);

export const offerQuery = z.strictObject(pageQuery());
export type OfferQueryInput = z.output<typeof offerQuery>;

export const myCouponQuery = z.strictObject({ status: z.enum(couponStates).optional(), ...pageQuery() });
export type MyCouponQuery = z.output<typeof myCouponQuery>;

/** What can be claimed: `claimed` of `perUserLimit` are the caller's already, `remaining` are left for everybody. */
const offerView = z.object({
  id: z.string(),
  ...couponTerms,
  remaining: z.int(),
  perUserLimit: z.int(),
  claimed: z.int(),
  claimUntil: z.iso.datetime(),
  validFrom: z.iso.datetime().optional(),
  validUntil: z.iso.datetime().optional(),
  validDays: z.int().optional(),
});
type OfferView = z.output<typeof offerView>;

export const offerPage = z.object({ items: z.array(offerView), nextCursor: z.string().optional() });
export type OfferPage = Page<OfferView>;

export const couponView = z.object({
  id: z.string(),
  ...couponTerms,
  status: z.enum(couponStates),
  validFrom: z.iso.datetime(),
  validUntil: z.iso.datetime(),
  claimedAt: z.iso.datetime(),
  usedAt: z.iso.datetime().optional(),
  orderId: z.string().optional(),
});
export type CouponView = z.output<typeof couponView>;

export const couponPage = z.object({ items: z.array(couponView), nextCursor: z.string().optional() });
export type CouponPage = Page<CouponView>;

export function toOfferView(template: OfferedTemplate): OfferView {
  return {
    id: template.id,
    ...termsView(template),
    remaining: template.total - template.claimed,
    perUserLimit: template.perUserLimit,
    claimed: template.claimedByUser,
    claimUntil: template.claimUntil.toISOString(),
    ...validityView(template),
  };
}

export function toCouponView(coupon: Coupon, at: Date): CouponView {
  return {
    id: coupon.id,
    ...termsView(coupon),
    status: couponState(coupon, at),
    validFrom: coupon.validFrom.toISOString(),
    validUntil: coupon.validUntil.toISOString(),
    claimedAt: coupon.claimedAt.toISOString(),
    usedAt: coupon.usedAt?.toISOString(),
    orderId: coupon.orderId ?? undefined,
  };
}

export function toTemplateView(template: CountedTemplate): CouponTemplateView {
  const { id, total, perUserLimit, claimed, used, claimFrom, claimUntil, createdAt, endedAt } = template;
  return {
    id,
    ...termsView(template),
    total,
    perUserLimit,
    claimed,
    used,
    claimFrom: claimFrom.toISOString(),
    claimUntil: claimUntil.toISOString(),
    ...validityView(template),
    createdAt: createdAt.toISOString(),
    endedAt: endedAt?.toISOString(),
  };
}

export function toTerms(input: CouponTemplateInput): TemplateTerms {
  const { amountFen, percentOff, capFen, categoryIds, productIds, validDays, ...rest } = input;
  return {
    name: rest.name,
    minimumFen: rest.minimumFen,
    amountFen: amountFen ?? null,
    percentOff: percentOff ?? null,
    capFen: capFen ?? null,
    categoryIds: categoryIds ?? null,
    productIds: productIds ?? null,
    total: rest.total,
    perUserLimit: rest.perUserLimit,
    claimFrom: new Date(rest.claimFrom),
    claimUntil: new Date(rest.claimUntil),
    validFrom: rest.validFrom === undefined ? null : new Date(rest.validFrom),
    validUntil: rest.validUntil === undefined ? null : new Date(rest.validUntil),
    validDays: validDays ?? null,
  };
}

function termsView(terms: DiscountTerms & { readonly name: string }) {
  const { name, minimumFen, amountFen, percentOff, capFen, categoryIds, productIds } = terms;
  return {
    name,
    minimumFen,
    amountFen: amountFen ?? undefined,
    percentOff: percentOff ?? undefined,
    capFen: capFen ?? undefined,
    categoryIds: categoryIds ? [...categoryIds] : undefined,
    productIds: productIds ? [...productIds] : undefined,
  };
}

function validityView({ validFrom, validUntil, validDays }: CouponTemplate) {
  return {
    validFrom: validFrom?.toISOString(),
    validUntil: validUntil?.toISOString(),
    validDays: validDays ?? undefined,
  };
}
