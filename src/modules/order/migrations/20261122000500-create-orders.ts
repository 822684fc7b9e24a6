import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateOrders20261122000500 implements MigrationInterface {
  name = 'CreateOrders20261122000500';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table orders (
        id uuid primary key,
        number text not null constraint orders_number unique,
        user_id uuid not null,
        status text not null check (status in (
          'awaiting_payment', 'paid', 'shipped', 'received', 'completed', 'cancelled', 'refunding', 'refunded'
        )),
        items_fen integer not null check (items_fen >= 0),
        freight_fen integer not null check (freight_fen >= 0),
        discount_fen integer not null check (discount_fen >= 0),
        total_fen integer not null check (total_fen > 0),
        address jsonb not null,
        remark text check (length(remark) <= 200),
        expires_at timestamptz not null,
        created_at timestamptz not null default now(),
        paid_at timestamptz,
        received_at timestamptz,
        cancelled_at timestamptz,
        cancel_reason text check (cancel_reason in ('by_customer', 'expired')),
        check (total_fen = items_fen + freight_fen - discount_fen),
        check ((status = 'cancelled') = (cancelled_at is not null))
      )`);
    await runner.query('create index orders_of_user on orders (user_id, id desc)');
    await runner.query('create index orders_of_user_by_status on orders (user_id, status, id desc)');
    await runner.query(`create index orders_unpaid on orders (expires_at) where status = 'awaiting_payment'`);
    await runner.query(`
      create table order_items (
        order_id uuid not null references orders (id),
        line integer not null,
        sku_id uuid not null,
        product_id uuid not null,
        product_name text not null,
        sku_name text not null,
        specs jsonb not null,
        image_url text not null,
        price_fen integer not null check (price_fen >= 0),
        quantity integer not null check (quantity > 0),
        total_fen integer not null check (total_fen = price_fen * quantity),
        primary key (order_id, line)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table order_items');
    await runner.query('drop table orders');
  }
}
