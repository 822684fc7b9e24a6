import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCoupons20261125000600 implements MigrationInterface {
  name = 'CreateCoupons20261125000600';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table coupon_templates (
        id uuid primary key,
        name text not null check (name <> ''),
        minimum_fen integer not null check (minimum_fen >= 0),
        amount_fen integer check (amount_fen > 0),
        percent_off integer check (percent_off between 1 and 99),
        cap_fen integer check (cap_fen > 0),
        category_ids uuid[] check (cardinality(category_ids) > 0),
        product_ids uuid[] check (cardinality(product_ids) > 0),
        total integer not null check (total > 0),
        claimed integer not null default 0,
        per_user_limit integer not null check (per_user_limit > 0),
        claim_from timestamptz not null,
        claim_until timestamptz not null check (claim_until > claim_from),
        valid_from timestamptz,
        valid_until timestamptz,
        valid_days integer check (valid_days > 0),
        created_at timestamptz not null default now(),
        ended_at timestamptz,
        constraint coupon_templates_never_overclaimed check (claimed between 0 and total),
        constraint coupon_templates_one_discount check (num_nonnulls(amount_fen, percent_off) = 1),
        constraint coupon_templates_cap_of_percentage check (cap_fen is null or percent_off is not null),
        constraint coupon_templates_one_scope check (num_nonnulls(category_ids, product_ids) <= 1),
        constraint coupon_templates_one_validity check (
          num_nonnulls(valid_from, valid_until) = case when valid_days is null then 2 else 0 end
          and valid_until > valid_from and valid_until >= claim_until
        )
      ) with (fillfactor = 70)`);
    // One order, one coupon; and since a coupon names one order, one coupon, one order. The ordinal is what holds a
    // user to a limit: two claims at once cannot both be the first.
    await runner.query(`
      create table coupons (
        id uuid primary key,
        template_id uuid not null references coupon_templates,
        user_id uuid not null,
        ordinal integer not null check (ordinal > 0),
        valid_from timestamptz not null,
        valid_until timestamptz not null check (valid_until > valid_from),
        claimed_at timestamptz not null,
        order_id uuid constraint coupons_one_an_order unique,
        used_at timestamptz check ((used_at is null) = (order_id is null)),
        constraint coupons_of_user_in_turn unique (template_id, user_id, ordinal)
      )`);
    await runner.query('create index coupons_of_user on coupons (user_id, id desc)');
    await runner.query('create index coupons_used on coupons (template_id) where order_id is not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table coupons');
    await runner.query('drop table coupon_templates');
  }
}
