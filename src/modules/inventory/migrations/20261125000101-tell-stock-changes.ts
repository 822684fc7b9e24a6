import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TellStockChanges20261125000101 implements MigrationInterface {
  name = 'TellStockChanges20261125000101';

  /** `position` is given under the lock on the SKU's stock: of one SKU it is the order in which things happened. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table stock_ledger
        add column position bigint generated always as identity,
        add column reason text check (char_length(reason) between 1 and 200),
        add column actor_id uuid,
        drop constraint stock_ledger_kind_check,
        add constraint stock_ledger_kind_check check (kind in ('receive', 'adjust', 'reserve', 'commit', 'release')),
        drop constraint stock_ledger_deltas_follow_kind,
        add constraint stock_ledger_deltas_follow_kind check (
          case kind when 'adjust' then abs(on_hand_delta) = quantity and reserved_delta = 0
          else (on_hand_delta, reserved_delta) = (
            case kind when 'receive' then quantity when 'commit' then -quantity else 0 end,
            case kind when 'reserve' then quantity when 'receive' then 0 else -quantity end
          ) end
        ),
        add constraint stock_ledger_adjustments_are_explained check (
          kind <> 'adjust' or (reason is not null and actor_id is not null)
        )`);
    await runner.query('create unique index stock_ledger_position on stock_ledger (sku_id, position)');
    await runner.query('drop index stock_ledger_sku');
  }

  /** Fails while there are adjustments: taking them away would make the ledger tell another balance. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('create index stock_ledger_sku on stock_ledger (sku_id, created_at)');
    await runner.query('drop index stock_ledger_position');
    await runner.query(`
      alter table stock_ledger
        drop constraint stock_ledger_adjustments_are_explained,
        drop constraint stock_ledger_deltas_follow_kind,
        add constraint stock_ledger_deltas_follow_kind check (
          (on_hand_delta, reserved_delta) = (
            case kind when 'receive' then quantity when 'commit' then -quantity else 0 end,
            case kind when 'reserve' then quantity when 'receive' then 0 else -quantity end
          )
        ),
        drop constraint stock_ledger_kind_check,
        add constraint stock_ledger_kind_check check (kind in ('receive', 'reserve', 'commit', 'release')),
        drop column actor_id,
        drop column reason,
        drop column position`);
  }
}
