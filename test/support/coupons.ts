import type pg from 'pg';
import { newId } from '../../src/kernel/id.ts';
import type { Answer } from './http.ts';
import type { Shopper } from './shopper.ts';

export interface TemplateOptions {
  readonly minimumFen?: number;
  /** Taken off unless `percentOff` is. */
  readonly amountFen?: number;
  readonly percentOff?: number;
  readonly capFen?: number;
  readonly categoryIds?: readonly string[];
  readonly productIds?: readonly string[];
  readonly total?: number;
  readonly perUserLimit?: number;
  /** Days from now, when claiming begins and ends. */
  readonly claimDays?: readonly [from: number, until: number];
}

/** A coupon template of its own, so that tests never share one; good for a week from the claim. */
export async function offerCoupon(database: pg.Pool, options: TemplateOptions = {}): Promise<string> {
  const { minimumFen = 0, percentOff, total = 100, perUserLimit = 1, claimDays = [-1, 1] } = options;
  const id = newId();
  await database.query(
    `insert into coupon_templates (id, name, minimum_fen, amount_fen, percent_off, cap_fen, category_ids, product_ids,
       total, per_user_limit, claim_from, claim_until, valid_days)
     values ($1, '测试券', $2, $3, $4, $5, $6, $7, $8, $9, now() + $10 * interval '1 day', now() + $11 * interval '1 day', 7)`,
    [
      id,
      minimumFen,
      percentOff === undefined ? (options.amountFen ?? 500) : null,
      percentOff,
      options.capFen,
      options.categoryIds,
      options.productIds,
      total,
      perUserLimit,
      ...claimDays,
    ],
  );
  return id;
}

export interface CouponBody {
  readonly id: string;
  readonly status: string;
  readonly code: string;
  readonly orderId?: string;
}

export function claim(shopper: Shopper, templateId: string, key?: string): Promise<Answer<CouponBody>> {
  return shopper.post<CouponBody>(`/coupons/${templateId}/claim`, undefined, { key });
}

/** A coupon of a template of its own, in this shopper's hands. */
export async function giveCoupon(
  database: pg.Pool,
  shopper: Shopper,
  options: TemplateOptions = {},
): Promise<string> {
  const answer = await claim(shopper, await offerCoupon(database, options));
  if (answer.status !== 201) throw new Error(`coupon refused: ${answer.status} ${answer.text}`);
  return answer.body.id;
}

/** Which order a coupon belongs to, as PostgreSQL has it. */
export async function holderOf(database: pg.Pool, couponId: string): Promise<string | null> {
  const { rows } = await database.query<{ orderId: string | null }>(
    'select order_id as "orderId" from coupons where id = $1',
    [couponId],
  );
  return rows[0]!.orderId;
}

/** The coupon's time is over since a minute. */
export async function expireCoupon(database: pg.Pool, couponId: string): Promise<void> {
  await database.query(
    `update coupons set valid_from = now() - interval '1 hour', valid_until = now() - interval '1 minute'
     where id = $1`,
    [couponId],
  );
}
