import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DiscountOrders20261125000501 implements MigrationInterface {
  name = 'DiscountOrders20261125000501';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table orders add column coupon_id uuid');
    await runner.query(`
      alter table orders add constraint orders_discount_of_goods check (discount_fen <= items_fen)`);
    // The default is for processes of the version before, which place orders until they are replaced.
    await runner.query(`
      alter table order_items add column discount_fen integer not null default 0,
        add constraint order_items_discount_of_line check (discount_fen between 0 and total_fen)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table order_items drop column discount_fen');
    await runner.query('alter table orders drop constraint orders_discount_of_goods, drop column coupon_id');
  }
}
