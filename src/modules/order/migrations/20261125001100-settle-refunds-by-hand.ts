import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SettleRefundsByHand20261125001100 implements MigrationInterface {
  name = 'SettleRefundsByHand20261125001100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table refund_requests
        add column is_by_hand boolean not null default false,
        drop constraint refund_requests_check1,
        add constraint refund_requests_sent
          check (status in ('requested', 'refused') or refund_no is not null or is_by_hand),
        add constraint refund_requests_by_hand check (status = 'succeeded' or not is_by_hand)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    // What was settled without WeChat has no number of its own; its id says which it was.
    await runner.query(
      `update refund_requests set refund_no = id::text where is_by_hand and refund_no is null`,
    );
    await runner.query(`
      alter table refund_requests
        drop constraint refund_requests_by_hand,
        drop constraint refund_requests_sent,
        drop column is_by_hand,
        add constraint refund_requests_check1 check (status in ('requested', 'refused') or refund_no is not null)`);
  }
}
