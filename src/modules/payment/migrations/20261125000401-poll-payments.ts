import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PollPayments20261125000401 implements MigrationInterface {
  name = 'PollPayments20261125000401';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'alter table payments add column next_check_at timestamptz, add column checks integer not null default 0',
    );
    // Whatever has been started before and has not ended.
    await runner.query(`
      update payments set next_check_at = now() where status = 'created' and prepay_requested_at is not null`);
    await runner.query(`create index payments_to_check on payments (next_check_at) where status = 'created'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table payments drop column next_check_at, drop column checks');
  }
}
