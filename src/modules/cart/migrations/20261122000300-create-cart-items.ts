import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCartItems20261122000300 implements MigrationInterface {
  name = 'CreateCartItems20261122000300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table cart_items (
        user_id uuid not null,
        sku_id uuid not null,
        quantity integer not null check (quantity between 1 and 999),
        added_at timestamptz not null default now(),
        primary key (user_id, sku_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table cart_items');
  }
}
