import type { MigrationInterface, QueryRunner } from 'typeorm';

const before = `
  case kind when 'receive' then quantity when 'commit' then -quantity else 0 end,
  case kind when 'reserve' then quantity when 'receive' then 0 else -quantity end`;
const now = `
  case kind when 'receive' then quantity when 'return' then quantity when 'commit' then -quantity else 0 end,
  case kind when 'reserve' then quantity when 'receive' then 0 when 'return' then 0 else -quantity end`;

/** Units that were sold come back. */
export class ReturnStock20261125000101 implements MigrationInterface {
  name = 'ReturnStock20261125000101';

  async up(runner: QueryRunner): Promise<void> {
    await this.allow(runner, `'receive', 'reserve', 'commit', 'release', 'return'`, now);
  }

  async down(runner: QueryRunner): Promise<void> {
    await this.allow(runner, `'receive', 'reserve', 'commit', 'release'`, before);
  }

  private async allow(runner: QueryRunner, kinds: string, deltas: string): Promise<void> {
    await runner.query(`
      alter table stock_ledger
        drop constraint stock_ledger_kind_check,
        drop constraint stock_ledger_deltas_follow_kind,
        add constraint stock_ledger_kind_check check (kind in (${kinds})),
        add constraint stock_ledger_deltas_follow_kind check ((on_hand_delta, reserved_delta) = (${deltas}))`);
  }
}
