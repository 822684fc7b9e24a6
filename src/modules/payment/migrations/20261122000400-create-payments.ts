import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreatePayments20261122000400 implements MigrationInterface {
  name = 'CreatePayments20261122000400';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table payments (
        id uuid primary key,
        reference text not null constraint payments_reference unique check (reference ~ '^[0-9A-Za-z_|*-]{6,32}$'),
        status text not null default 'created' check (status in ('created', 'captured', 'closed')),
        amount_fen integer not null check (amount_fen > 0),
        payer_openid text not null,
        prepay_request text not null,
        prepay_requested_at timestamptz,
        prepay_id text,
        prepay_id_at timestamptz,
        checked_at timestamptz,
        transaction_id text constraint payments_transaction unique,
        captured_at timestamptz,
        recorded_at timestamptz,
        acknowledged_at timestamptz,
        closed_at timestamptz,
        created_at timestamptz not null default now(),
        check ((status = 'captured') = (transaction_id is not null)),
        check ((status = 'captured') = (captured_at is not null))
      )`);
    await runner.query(`
      create index payments_unacknowledged on payments (reference)
      where status = 'captured' and acknowledged_at is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table payments');
  }
}
