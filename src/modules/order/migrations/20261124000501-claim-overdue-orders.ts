import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ClaimOverdueOrders20261124000501 implements MigrationInterface {
  name = 'ClaimOverdueOrders20261124000501';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table orders add column swept_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table orders drop column swept_at');
  }
}
