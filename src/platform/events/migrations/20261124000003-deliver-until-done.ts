import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row is one job of one event, and stays until that job has taken effect or given up. */
export class DeliverUntilDone20261124000003 implements MigrationInterface {
  name = 'DeliverUntilDone20261124000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table outbox
        add column job text,
        add column order_key text,
        add column due_at timestamptz not null default now(),
        add column position bigint generated always as identity`);
    await runner.query(`
      update outbox set job = case name
        when 'order.placed' then 'order.expire' when 'payment.captured' then 'order.apply-payment' else name end`);
    await runner.query('alter table outbox alter column job set not null');
    await runner.query('alter table outbox drop constraint outbox_pkey, add primary key (id, job)');
    await runner.query('drop index outbox_due');
    await runner.query('create index outbox_due on outbox (leased_until, position)');
    await runner.query(
      'create index outbox_order on outbox (job, order_key, position) where order_key is not null',
    );
    await runner.query(`
      create table dead_letters (
        id uuid not null,
        job text not null,
        name text not null,
        payload jsonb not null,
        traceparent text,
        order_key text,
        error text not null,
        attempts integer not null,
        published_at timestamptz not null,
        died_at timestamptz not null default now(),
        primary key (id, job)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table dead_letters');
    await runner.query('drop index outbox_order');
    await runner.query('drop index outbox_due');
    await runner.query('alter table outbox drop constraint outbox_pkey');
    await runner.query('delete from outbox a using outbox b where a.id = b.id and a.position > b.position');
    await runner.query(`
      alter table outbox
        drop column job, drop column order_key, drop column due_at, drop column position, add primary key (id)`);
    await runner.query('create index outbox_due on outbox (leased_until, id)');
  }
}
