import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateStock20261122000100 implements MigrationInterface {
  name = 'CreateStock20261122000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table stock_items (
        sku_id uuid primary key,
        on_hand integer not null default 0 check (on_hand >= 0),
        reserved integer not null default 0 check (reserved >= 0),
        constraint stock_items_never_oversold check (reserved <= on_hand)
      ) with (fillfactor = 70)`);
    await runner.query(`
      create table stock_reservations (
        reference text not null,
        sku_id uuid not null references stock_items,
        quantity integer not null check (quantity > 0),
        status text not null default 'held' check (status in ('held', 'committed', 'released')),
        created_at timestamptz not null default now(),
        settled_at timestamptz,
        primary key (reference, sku_id)
      )`);
    // The key is what makes a movement happen once: one reference cannot commit the same stock twice.
    await runner.query(`
      create table stock_ledger (
        reference text not null,
        sku_id uuid not null references stock_items,
        kind text not null check (kind in ('receive', 'reserve', 'commit', 'release')),
        quantity integer not null check (quantity > 0),
        on_hand_delta integer not null,
        reserved_delta integer not null,
        created_at timestamptz not null default now(),
        primary key (reference, sku_id, kind),
        constraint stock_ledger_deltas_follow_kind check (
          (on_hand_delta, reserved_delta) = (
            case kind when 'receive' then quantity when 'commit' then -quantity else 0 end,
            case kind when 'reserve' then quantity when 'receive' then 0 else -quantity end
          )
        )
      )`);
    await runner.query('create index stock_ledger_sku on stock_ledger (sku_id, created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table stock_ledger');
    await runner.query('drop table stock_reservations');
    await runner.query('drop table stock_items');
  }
}
