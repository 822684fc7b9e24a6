import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Units that were sold come back. */
export class ReturnStock20261125000102 implements MigrationInterface {
  name = 'ReturnStock20261125000102';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table stock_ledger
        drop constraint stock_ledger_kind_check,
        add constraint stock_ledger_kind_check
          check (kind in ('receive', 'adjust', 'reserve', 'commit', 'release', 'return')),
        drop constraint stock_ledger_deltas_follow_kind,
        add constraint stock_ledger_deltas_follow_kind check (
          case kind when 'adjust' then abs(on_hand_delta) = quantity and reserved_delta = 0
          else (on_hand_delta, reserved_delta) = (
            case kind when 'receive' then quantity when 'return' then quantity when 'commit' then -quantity else 0 end,
            case kind when 'reserve' then quantity when 'receive' then 0 when 'return' then 0 else -quantity end
          ) end
        )`);
  }

  /** Fails once anything has come back: taking that away would make the ledger tell another balance. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table stock_ledger
        drop constraint stock_ledger_kind_check,
        add constraint stock_ledger_kind_check check (kind in ('receive', 'adjust', 'reserve', 'commit', 'release')),
        drop constraint stock_ledger_deltas_follow_kind,
        add constraint stock_ledger_deltas_follow_kind check (
          case kind when 'adjust' then abs(on_hand_delta) = quantity and reserved_delta = 0
          else (on_hand_delta, reserved_delta) = (
            case kind when 'receive' then quantity when 'commit' then -quantity else 0 end,
            case kind when 'reserve' then quantity when 'receive' then 0 else -quantity end
          ) end
        )`);
  }
}
