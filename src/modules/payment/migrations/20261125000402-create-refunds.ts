import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateRefunds20261125000402 implements MigrationInterface {
  name = 'CreateRefunds20261125000402';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table refunds (
        id uuid primary key,
        refund_no text not null constraint refunds_number unique check (refund_no ~ '^[0-9A-Za-z_|*@-]{1,64}$'),
        reference text not null references payments (reference),
        amount_fen integer not null check (amount_fen > 0),
        reason text not null,
        request text not null,
        status text not null default 'requested'
          check (status in ('requested', 'processing', 'succeeded', 'closed', 'abnormal')),
        wechat_refund_id text,
        next_check_at timestamptz not null,
        checks integer not null default 0,
        settled_at timestamptz,
        created_at timestamptz not null default now(),
        check ((status in ('succeeded', 'closed', 'abnormal')) = (settled_at is not null))
      )`);
    await runner.query('create index refunds_of_payment on refunds (reference)');
    await runner.query(`
      create index refunds_to_check on refunds (next_check_at)
      where status in ('requested', 'processing', 'abnormal')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table refunds');
  }
}
