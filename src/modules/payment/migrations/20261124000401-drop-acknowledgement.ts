import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The outbox keeps an event until it has taken effect; payments need no second memory of it. */
export class DropAcknowledgement20261124000401 implements MigrationInterface {
  name = 'DropAcknowledgement20261124000401';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('drop index payments_unacknowledged');
    await runner.query('alter table payments drop column acknowledged_at, drop column recorded_at');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'alter table payments add column recorded_at timestamptz, add column acknowledged_at timestamptz',
    );
    // Whatever was captured until now has been applied.
    await runner.query(`
      update payments set recorded_at = captured_at, acknowledged_at = captured_at where status = 'captured'`);
    await runner.query(`
      create index payments_unacknowledged on payments (reference)
      where status = 'captured' and acknowledged_at is null`);
  }
}
