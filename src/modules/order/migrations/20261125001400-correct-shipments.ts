import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A shipment that WeChat has refused can be corrected. */
export class CorrectShipments20261125001400 implements MigrationInterface {
  name = 'CorrectShipments20261125001400';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table orders add column shipping_refused_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table orders drop column shipping_refused_at');
  }
}
