import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The last line behind the code: never more back than came in, and nothing back that WeChat has not taken. */
export class GuardRefunds20261125001200 implements MigrationInterface {
  name = 'GuardRefunds20261125001200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table payments add column refunded_fen integer not null default 0');
    await runner.query(`
      update payments set refunded_fen = counted.fen
      from (select reference, sum(amount_fen)::int as fen from refunds where status <> 'closed' group by reference)
        as counted
      where payments.reference = counted.reference`);
    await runner.query(`
      alter table payments
        add constraint payments_refunded check (refunded_fen between 0 and amount_fen),
        add constraint payments_refunded_captured check (refunded_fen = 0 or status = 'captured')`);
    await runner.query(`
      alter table refunds add constraint refunds_taken
        check (status in ('requested', 'closed') or wechat_refund_id is not null)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table refunds drop constraint refunds_taken');
    await runner.query('alter table payments drop column refunded_fen');
  }
}
