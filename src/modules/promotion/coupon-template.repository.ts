import { Injectable } from '@nestjs/common';
import { pageOf, type Page } from '../../kernel/page.js';
import { Transactor } from '../../platform/database/transactor.js';
import type { DiscountTerms } from './discount.js';

export interface TemplateTerms extends DiscountTerms {
  readonly name: string;
  readonly total: number;
  readonly perUserLimit: number;
  readonly claimFrom: Date;
  readonly claimUntil: Date;
  /** Either both of these, or `validDays` from the claim. */
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
  readonly validDays: number | null;
}

export interface CouponTemplate extends TemplateTerms {
  readonly id: string;
  readonly claimed: number;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

export interface CountedTemplate extends CouponTemplate {
  readonly used: number;
}

/** A template as one shopper sees it. */
export interface OfferedTemplate extends CouponTemplate {
  readonly claimedByUser: number;
}

export interface OfferQuery {
  readonly userId: string;
  readonly at: Date;
  readonly limit: number;
  readonly beforeId: string | null;
}

const columns = `t.id, t.name, t.minimum_fen as "minimumFen", t.amount_fen as "amountFen",
  t.percent_off as "percentOff", t.cap_fen as "capFen", t.category_ids as "categoryIds", t.product_ids as "productIds",
  t.total, t.claimed, t.per_user_limit as "perUserLimit", t.claim_from as "claimFrom", t.claim_until as "claimUntil",
  t.valid_from as "validFrom", t.valid_until as "validUntil", t.valid_days as "validDays",
  t.created_at as "createdAt", t.ended_at as "endedAt"`;

const used = `(select count(*)::int from coupons c where c.template_id = t.id and c.order_id is not null) as used`;
const claimedByUser = `(select count(*)::int from coupons c where c.template_id = t.id and c.user_id = $1)`;

const isClaimable = (at: string) =>
  `t.ended_at is null and t.claim_from <= ${at} and t.claim_until > ${at} and t.claimed < t.total`;

const termColumns = `name, minimum_fen, amount_fen, percent_off, cap_fen, category_ids, product_ids, total,
  per_user_limit, claim_from, claim_until, valid_from, valid_until, valid_days`;

/** The terms as one JSON parameter, in the order of `termColumns`. */
const termsOf = (json: string) => `
  select name, "minimumFen", "amountFen", "percentOff", "capFen", "categoryIds", "productIds", total, "perUserLimit",
    "claimFrom", "claimUntil", "validFrom", "validUntil", "validDays"
  from jsonb_to_record(${json}::jsonb) as terms(
    name text, "minimumFen" int, "amountFen" int, "percentOff" int, "capFen" int, "categoryIds" uuid[],
    "productIds" uuid[], total int, "perUserLimit" int, "claimFrom" timestamptz, "claimUntil" timestamptz,
    "validFrom" timestamptz, "validUntil" timestamptz, "validDays" int)`;

/** All SQL of coupon templates. */
@Injectable()
export class CouponTemplateRepository {
  constructor(private readonly transactor: Transactor) {}

  async insert(id: string, terms: TemplateTerms, createdAt: Date): Promise<void> {
    await this.transactor.execute(
      `insert into coupon_templates (id, created_at, ${termColumns}) select $1, $2, terms.* from (${termsOf('$3')}) terms`,
      [id, createdAt, JSON.stringify(terms)],
    );
  }

  /** False, and nothing changed, when there is none of this id, or it is claimed of or ended already. */
  async replaceUnclaimed(id: string, terms: TemplateTerms): Promise<boolean> {
    const changed = await this.transactor.execute(
      `update coupon_templates set (${termColumns}) = (${termsOf('$2')})
       where id = $1 and claimed = 0 and ended_at is null`,
      [id, JSON.stringify(terms)],
    );
    return changed === 1;
  }

  /** False when there is none of this id. */
  async end(id: string, at: Date): Promise<boolean> {
    const changed = await this.transactor.execute(
      'update coupon_templates set ended_at = coalesce(ended_at, $2) where id = $1',
      [id, at],
    );
    return changed === 1;
  }

  /**
   * Counts one more claim, and keeps the template's row until the transaction ends, so that what the claimant has of it
   * can be counted next. Null, and nothing changed, when nothing can be claimed now.
   */
  async takeOne(id: string, at: Date): Promise<CouponTemplate | null> {
    const [template] = await this.transactor.query<CouponTemplate>(
      `update coupon_templates t set claimed = t.claimed + 1 where t.id = $1 and ${isClaimable('$2')}
       returning ${columns}`,
      [id, at],
    );
    return template ?? null;
  }

  /** Nobody else changes it or claims of it until the transaction ends. */
  async lock(id: string): Promise<void> {
    await this.transactor.query('select 1 from coupon_templates where id = $1 for no key update', [id]);
  }

  async find(id: string): Promise<CountedTemplate | null> {
    const [template] = await this.transactor.query<CountedTemplate>(
      `select ${columns}, ${used} from coupon_templates t where t.id = $1`,
      [id],
    );
    return template ?? null;
  }

  async findOffered(userId: string, id: string): Promise<OfferedTemplate | null> {
    const [template] = await this.transactor.query<OfferedTemplate>(
      `select ${columns}, ${claimedByUser} as "claimedByUser" from coupon_templates t where t.id = $2`,
      [userId, id],
    );
    return template ?? null;
  }

  /** Newest first; ids sort by time. */
  async list(limit: number, beforeId: string | null): Promise<Page<CountedTemplate>> {
    const rows = await this.transactor.query<CountedTemplate>(
      `select ${columns}, ${used} from coupon_templates t where $2::uuid is null or t.id < $2
       order by t.id desc limit $1`,
      [limit + 1, beforeId],
    );
    return pageOf(rows, limit, ({ id }) => [id]);
  }

  /** What can be claimed now, newest first, also if this shopper has all they may have of it. */
  async listOffered({ userId, at, limit, beforeId }: OfferQuery): Promise<Page<OfferedTemplate>> {
    const rows = await this.transactor.query<OfferedTemplate>(
      `select ${columns}, ${claimedByUser} as "claimedByUser" from coupon_templates t
       where ${isClaimable('$2')} and ($4::uuid is null or t.id < $4) order by t.id desc limit $3`,
      [userId, at, limit + 1, beforeId],
    );
    return pageOf(rows, limit, ({ id }) => [id]);
  }
}
