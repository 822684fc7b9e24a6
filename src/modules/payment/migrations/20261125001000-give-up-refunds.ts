import type { MigrationInterface, QueryRunner } from 'typeorm';

export class GiveUpRefunds20261125001000 implements MigrationInterface {
  name = 'GiveUpRefunds20261125001000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table refunds add column refused_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table refunds drop column refused_at');
  }
}
