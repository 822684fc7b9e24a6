import { Injectable } from '@nestjs/common';
import { pageOf, type Page } from '../../kernel/page.js';
import { Transactor } from '../../platform/database/transactor.js';
import type { DiscountTerms } from './discount.js';
import type { CouponState } from './coupon.machine.js';

export interface NewCoupon {
  readonly id: string;
  readonly templateId: string;
  readonly userId: string;
  readonly validFrom: Date;
  readonly validUntil: Date;
  readonly claimedAt: Date;
}

/** A coupon with the terms of its template, which no longer change. */
export interface Coupon extends DiscountTerms {
  readonly id: string;
  readonly name: string;
  readonly validFrom: Date;
  readonly validUntil: Date;
  readonly claimedAt: Date;
  readonly orderId: string | null;
  readonly usedAt: Date | null;
}

export interface CouponQuery {
  readonly status?: CouponState;
  readonly at: Date;
  readonly limit: number;
  readonly beforeId: string | null;
}

const selectCoupons = `
  select c.id, t.name, t.minimum_fen as "minimumFen", t.amount_fen as "amountFen", t.percent_off as "percentOff",
    t.cap_fen as "capFen", t.category_ids as "categoryIds", t.product_ids as "productIds",
    c.valid_from as "validFrom", c.valid_until as "validUntil", c.claimed_at as "claimedAt",
    c.order_id as "orderId", c.used_at as "usedAt"
  from coupons c join coupon_templates t on t.id = c.template_id`;

/** `couponState` in SQL: lists are filtered by it. */
const stateAt = (at: string) =>
  `case when c.order_id is not null then 'used' when c.valid_until <= ${at} then 'expired' else 'available' end`;

/** All SQL of shoppers' coupons. Every owner's query carries the owner; every change is one conditional statement. */
@Injectable()
export class CouponRepository {
  constructor(private readonly transactor: Transactor) {}

  /** False when the user has `perUserLimit` of the template. Right under the lock of `takeOne`, in a statement of its own. */
  async insert(coupon: NewCoupon, perUserLimit: number): Promise<boolean> {
    const { id, templateId, userId, validFrom, validUntil, claimedAt } = coupon;
    const inserted = await this.transactor.execute(
      `insert into coupons (id, template_id, user_id, ordinal, valid_from, valid_until, claimed_at)
       select $1, $2, $3, mine.count + 1, $4, $5, $6
       from (select count(*) from coupons where template_id = $2 and user_id = $3) mine where mine.count < $7`,
      [id, templateId, userId, validFrom, validUntil, claimedAt, perUserLimit],
    );
    return inserted === 1;
  }

  async findOwned(userId: string, id: string): Promise<Coupon | null> {
    const [coupon] = await this.transactor.query<Coupon>(
      `${selectCoupons} where c.id = $1 and c.user_id = $2`,
      [id, userId],
    );
    return coupon ?? null;
  }

  /** Newest first; ids sort by time. */
  async listOwned(userId: string, { status, at, limit, beforeId }: CouponQuery): Promise<Page<Coupon>> {
    const rows = await this.transactor.query<Coupon>(
      `${selectCoupons}
       where c.user_id = $1 and ($3::text is null or ${stateAt('$2')} = $3) and ($4::uuid is null or c.id < $4)
       order by c.id desc limit $5`,
      [userId, at, status ?? null, beforeId, limit + 1],
    );
    return pageOf(rows, limit, ({ id }) => [id]);
  }

  /** False, and nothing changed, when the coupon is not this user's, is taken, or it is not its time. */
  async take(userId: string, id: string, orderId: string, at: Date): Promise<boolean> {
    const changed = await this.transactor.execute(
      `update coupons set order_id = $3, used_at = $4
       where id = $1 and user_id = $2 and order_id is null and valid_from <= $4 and valid_until > $4`,
      [id, userId, orderId, at],
    );
    return changed === 1;
  }

  async release(orderId: string): Promise<void> {
    await this.transactor.execute('update coupons set order_id = null, used_at = null where order_id = $1', [
      orderId,
    ]);
  }
}
