import type { ClientBase } from 'pg';
import { categories, categoryId } from './catalogue.ts';
import { stableId } from './random.ts';

interface SeedCoupon {
  readonly name: string;
  readonly minimumFen: number;
  readonly amountFen?: number;
  readonly percentOff?: number;
  readonly capFen?: number;
  readonly category?: string;
  readonly perUserLimit: number;
  readonly validDays: number;
}

const opened = Date.UTC(2026, 0, 5);
/** The demo shop does not grow old. */
const closes = Date.UTC(2046, 0, 5);

/** One of each kind; the newest, which lists show first, suits every cart. */
export const demoCoupons: readonly SeedCoupon[] = [
  {
    name: '水果满50减10',
    minimumFen: 5_000,
    amountFen: 1_000,
    category: 'fruit',
    perUserLimit: 2,
    validDays: 7,
  },
  { name: '满99减15', minimumFen: 9_900, amountFen: 1_500, perUserLimit: 3, validDays: 30 },
  { name: '全场9折，最高减20', minimumFen: 0, percentOff: 10, capFen: 2_000, perUserLimit: 1, validDays: 30 },
  { name: '全场立减3元', minimumFen: 0, amountFen: 300, perUserLimit: 1, validDays: 30 },
];

/** Fills a shop that gives out no coupons yet; one that does is left alone and false is returned. */
export async function seedCoupons(client: ClientBase): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into coupon_templates (id, name, minimum_fen, amount_fen, percent_off, cap_fen, category_ids, total,
       per_user_limit, claim_from, claim_until, valid_days, created_at)
     select id, name, minimum_fen, amount_fen, percent_off, cap_fen, category_ids, 1000000, per_user_limit, $2, $3,
       valid_days, $2
     from json_to_recordset($1::json) as row (id uuid, name text, minimum_fen integer, amount_fen integer,
       percent_off integer, cap_fen integer, category_ids uuid[], per_user_limit integer, valid_days integer)
     where not exists (select from coupon_templates)
     on conflict do nothing`,
    [JSON.stringify(demoCoupons.map(couponRow)), new Date(opened), new Date(closes)],
  );
  return rowCount! > 0;
}

function couponRow(coupon: SeedCoupon, index: number) {
  const category = categories.find(({ slug }) => slug === coupon.category);
  return {
    id: stableId(opened + index, `coupon:${coupon.name}`),
    name: coupon.name,
    minimum_fen: coupon.minimumFen,
    amount_fen: coupon.amountFen,
    percent_off: coupon.percentOff,
    cap_fen: coupon.capFen,
    category_ids: category && [categoryId(category)],
    per_user_limit: coupon.perUserLimit,
    valid_days: coupon.validDays,
  };
}
