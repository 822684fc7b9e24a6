import { z } from 'zod';
import { pageQuery } from '../../../platform/http/input/page-query.js';
import { couponTemplateView } from '../../promotion/promotion.contract.js';

/** Malformed ids answer 404 like unknown ones. */
export const couponTemplateId = z.string().max(64);

export const adminCouponQuery = z.strictObject(pageQuery());
export type AdminCouponQuery = z.output<typeof adminCouponQuery>;

export const adminCouponPage = z.object({
  items: z.array(couponTemplateView),
  nextCursor: z.string().optional(),
});
