import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TellShipments20261125000520 implements MigrationInterface {
  name = 'TellShipments20261125000520';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table orders
        add column shipping_uploaded_at timestamptz,
        add constraint orders_shipped_at check (carrier is null or shipped_at is not null)`);
    await runner.query(`
      create table shipped_messages (
        order_id uuid primary key references orders (id),
        user_id uuid not null,
        template_id text not null,
        status text not null default 'due' check (status in ('due', 'sent', 'not_allowed', 'refused')),
        claimed_until timestamptz,
        created_at timestamptz not null default now(),
        ended_at timestamptz,
        check ((status = 'due') = (ended_at is null))
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table shipped_messages');
    await runner.query(
      'alter table orders drop constraint orders_shipped_at, drop column shipping_uploaded_at',
    );
  }
}
