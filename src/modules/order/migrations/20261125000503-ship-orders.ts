import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ShipOrders20261125000503 implements MigrationInterface {
  name = 'ShipOrders20261125000503';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table orders
        add column shipped_at timestamptz,
        add column carrier text check (length(carrier) between 1 and 64),
        add column tracking_number text check (length(tracking_number) between 1 and 64),
        add column completed_at timestamptz,
        drop constraint orders_cancel_reason_check,
        add constraint orders_cancel_reason_check
          check (cancel_reason in ('by_customer', 'by_merchant', 'expired')),
        add constraint orders_shipment check ((carrier is null) = (tracking_number is null))`);
    await runner.query(`create index orders_on_their_way on orders (shipped_at) where status = 'shipped'`);
    await runner.query(`create index orders_received on orders (received_at) where status = 'received'`);
    await runner.query('create index orders_by_status on orders (status, id desc)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index orders_by_status');
    await runner.query(`update orders set cancel_reason = 'expired' where cancel_reason = 'by_merchant'`);
    await runner.query(`
      alter table orders
        drop constraint orders_shipment,
        drop constraint orders_cancel_reason_check,
        add constraint orders_cancel_reason_check check (cancel_reason in ('by_customer', 'expired')),
        drop column shipped_at, drop column carrier, drop column tracking_number, drop column completed_at`);
  }
}
