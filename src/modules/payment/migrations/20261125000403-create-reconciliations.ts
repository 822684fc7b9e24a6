import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateReconciliations20261125000403 implements MigrationInterface {
  name = 'CreateReconciliations20261125000403';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table reconciliations (
        date date primary key,
        due_at timestamptz,
        turn integer not null default 0,
        ended_at timestamptz,
        error text,
        compared_at timestamptz,
        here jsonb,
        there jsonb,
        difference_count integer check (difference_count >= 0),
        differences jsonb,
        check ((compared_at is null) = (here is null)),
        check ((compared_at is null) = (there is null)),
        check ((compared_at is null) = (difference_count is null)),
        check ((compared_at is null) = (differences is null))
      )`);
    await runner.query('alter table refunds add column billed_on date');
    // Which bill has listed what came before is not known, and not worth an alarm.
    await runner.query(`update refunds set billed_on = (created_at at time zone 'Asia/Shanghai')::date`);
    await runner.query('create index payments_captured on payments (captured_at)');
    await runner.query(`create index refunds_succeeded on refunds (settled_at) where status = 'succeeded'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index payments_captured');
    await runner.query('drop index refunds_succeeded');
    await runner.query('alter table refunds drop column billed_on');
    await runner.query('drop table reconciliations');
  }
}
