import type { AppError } from '../../kernel/app-error.js';
import {
  CouponLimitReached,
  CouponNotClaimable,
  CouponSoldOut,
  type NotUsableReason,
} from './promotion.errors.js';

/** Every state a coupon can be in, as the API names them. */
export const couponStates = ['available', 'used', 'expired'] as const;
export type CouponState = (typeof couponStates)[number];

interface Ownership {
  /** What has taken it. */
  readonly orderId: string | null;
  readonly validFrom: Date;
  readonly validUntil: Date;
}

interface Offer {
  readonly claimFrom: Date;
  readonly claimUntil: Date;
  readonly endedAt: Date | null;
  readonly total: number;
  readonly claimed: number;
  readonly perUserLimit: number;
  readonly claimedByUser: number;
}

interface Validity {
  /** Either both of these, or `validDays` from the claim. */
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
  readonly validDays: number | null;
}

const dayMs = 86_400_000;

/** Nothing is stored that only time changes: an unused coupon is expired because its time is over. */
export function couponState({ orderId, validUntil }: Ownership, at: Date): CouponState {
  if (orderId !== null) return 'used';
  return validUntil <= at ? 'expired' : 'available';
}

/** Why a coupon cannot be taken at this time, whatever for; null when it can. */
export function reasonNotToUse(coupon: Ownership, at: Date): NotUsableReason | null {
  const state = couponState(coupon, at);
  if (state !== 'available') return state;
  return coupon.validFrom > at ? 'not_yet_valid' : null;
}

/** Why a shopper cannot claim at this time; null when they can. */
export function refusalToClaim(offer: Offer, at: Date): AppError | null {
  const { claimFrom, claimUntil, endedAt, perUserLimit } = offer;
  if (endedAt !== null || claimUntil <= at) return new CouponNotClaimable({ reason: 'over' });
  if (claimFrom > at) return new CouponNotClaimable({ reason: 'not_yet' });
  if (offer.claimedByUser >= perUserLimit) return new CouponLimitReached({ perUserLimit });
  return offer.claimed >= offer.total ? new CouponSoldOut() : null;
}

/** From when until when a coupon claimed at this time is good. */
export function validityOf({ validFrom, validUntil, validDays }: Validity, claimedAt: Date) {
  return {
    validFrom: validFrom ?? claimedAt,
    validUntil: validUntil ?? new Date(claimedAt.getTime() + (validDays ?? 0) * dayMs),
  };
}
