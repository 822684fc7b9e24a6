import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateIdempotencyKeys20261122000002 implements MigrationInterface {
  name = 'CreateIdempotencyKeys20261122000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table idempotency_keys (
        owner_id uuid not null,
        key text not null check (length(key) between 1 and 64),
        fingerprint bytea not null,
        status smallint,
        body text,
        expires_at timestamptz not null,
        primary key (owner_id, key)
      )`);
    await runner.query('create index idempotency_keys_expires_at on idempotency_keys (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table idempotency_keys');
  }
}
