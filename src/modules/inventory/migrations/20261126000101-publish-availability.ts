import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What `skuAvailability` names in the contract: other modules read it, so its columns stay. */
export class PublishAvailability20261126000101 implements MigrationInterface {
  name = 'PublishAvailability20261126000101';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'create view sku_availability as select sku_id, on_hand - reserved as available from stock_items',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop view sku_availability');
  }
}
