import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateOutbox20261122000001 implements MigrationInterface {
  name = 'CreateOutbox20261122000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table outbox (
        id uuid primary key,
        name text not null,
        payload jsonb not null,
        traceparent text,
        created_at timestamptz not null default now(),
        leased_until timestamptz not null default now(),
        attempts integer not null default 0
      )`);
    await runner.query('create index outbox_due on outbox (leased_until, id)');
    await runner.query(`
      create table inbox (
        consumer text not null,
        event_id uuid not null,
        processed_at timestamptz not null default now(),
        primary key (consumer, event_id)
      )`);
    await runner.query('create index inbox_processed_at on inbox (processed_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table inbox');
    await runner.query('drop table outbox');
  }
}
