import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateRefundRequests20261125000502 implements MigrationInterface {
  name = 'CreateRefundRequests20261125000502';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table orders
        add column refunding_from text check (refunding_from in ('paid', 'shipped', 'received', 'completed')),
        add column refund_count integer not null default 0,
        add column refunded_at timestamptz`);
    await runner.query(`
      create table refund_requests (
        id uuid primary key,
        order_id uuid not null references orders (id),
        status text not null default 'requested'
          check (status in ('requested', 'approved', 'refused', 'succeeded', 'failed')),
        reason text not null,
        amount_fen integer not null check (amount_fen > 0),
        is_whole boolean not null,
        refund_no text constraint refund_requests_number unique,
        refusal text,
        created_at timestamptz not null default now(),
        decided_at timestamptz,
        settled_at timestamptz,
        check ((status = 'refused') = (refusal is not null)),
        check (status in ('requested', 'refused') or refund_no is not null)
      )`);
    // A second open request of an order is refused, whatever state the order seems to be in.
    await runner.query(`
      create unique index refund_requests_open on refund_requests (order_id)
      where status in ('requested', 'approved', 'failed')`);
    await runner.query('create index refund_requests_of_order on refund_requests (order_id, id desc)');
    await runner.query('create index refund_requests_by_status on refund_requests (status, id desc)');
    await runner.query(`
      create table refund_request_items (
        request_id uuid not null references refund_requests (id),
        sku_id uuid not null,
        quantity integer not null check (quantity > 0),
        amount_fen integer not null check (amount_fen >= 0),
        primary key (request_id, sku_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table refund_request_items');
    await runner.query('drop table refund_requests');
    await runner.query(`
      alter table orders drop column refunding_from, drop column refund_count, drop column refunded_at`);
  }
}
