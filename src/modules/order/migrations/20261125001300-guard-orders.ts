import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The last line behind the code: an order, refunding or not, has what its state says, and no unit goes back twice. */
export class GuardOrders20261125001300 implements MigrationInterface {
  name = 'GuardOrders20261125001300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table orders
        add constraint orders_refunding check ((status = 'refunding') = (refunding_from is not null)),
        add constraint orders_refunded check ((status = 'refunded') = (refunded_at is not null)),
        add constraint orders_paid check (status in ('awaiting_payment', 'cancelled') or paid_at is not null),
        add constraint orders_shipped check (
          coalesce(refunding_from, status) not in ('shipped', 'received', 'completed')
          or (shipped_at is not null and carrier is not null)),
        add constraint orders_received check (
          coalesce(refunding_from, status) not in ('received', 'completed') or received_at is not null),
        add constraint orders_completed check (
          coalesce(refunding_from, status) <> 'completed' or completed_at is not null)`);
    await runner.query(`
      alter table refund_requests
        add constraint refund_requests_decided check ((status = 'requested') = (decided_at is null)),
        add constraint refund_requests_settled
          check ((status in ('succeeded', 'failed')) = (settled_at is not null))`);
    await runner.query('alter table order_items add column refunded_quantity integer not null default 0');
    await runner.query(`
      update order_items set refunded_quantity = counted.units
      from (
        select r.order_id, i.sku_id, sum(i.quantity)::int as units
        from refund_requests r join refund_request_items i on i.request_id = r.id
        where r.status = 'succeeded' group by r.order_id, i.sku_id
      ) as counted
      where order_items.order_id = counted.order_id and order_items.sku_id = counted.sku_id`);
    await runner.query(`
      alter table order_items
        add constraint order_items_refunded check (refunded_quantity between 0 and quantity)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table order_items drop column refunded_quantity');
    await runner.query(`
      alter table refund_requests
        drop constraint refund_requests_decided, drop constraint refund_requests_settled`);
    await runner.query(`
      alter table orders
        drop constraint orders_refunding, drop constraint orders_refunded, drop constraint orders_paid,
        drop constraint orders_shipped, drop constraint orders_received, drop constraint orders_completed`);
  }
}
