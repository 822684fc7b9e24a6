import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import type { BeijingDay } from '../../../kernel/beijing-time.js';
import type { Comparison } from './bill-comparison.js';

/** A day that one process has taken to compare. Only the last one who took it or asked for it anew gets a result. */
export interface Turn {
  readonly date: BeijingDay;
  readonly turn: number;
}

export interface Standing {
  /** Found by the last comparison of each day of the last three months; WeChat keeps no older bills. */
  readonly differences: number;
  /** Days that wait for their comparison. */
  readonly pending: number;
}

/** So many differences of a day are kept; all are counted. */
const keptDifferences = 1_000;

/** The days that were compared with WeChat's bills, or will be. One row a day, kept for good. */
@Injectable()
export class ReconciliationRepository {
  constructor(private readonly transactor: Transactor) {}

  /**
   * Makes due what has no result since its bill was there: of the last seven such days, those with payments here or a
   * later one. `readyAfterMs` counts from the end of a day; what ended without a result waits `retryMs`.
   */
  async schedule(readyAfterMs: number, retryMs: number): Promise<void> {
    await this.transactor.execute(
      `with last as (
         select ((now() - $1 * interval '1 millisecond') at time zone 'Asia/Shanghai')::date - 1 as day
       ), first as (
         select (created_at at time zone 'Asia/Shanghai')::date as day from payments order by id limit 1
       )
       insert into reconciliations as known (date, due_at)
       select last.day - back, now() from last, first, generate_series(0, 6) back
       where last.day - back >= first.day
       on conflict (date) do update set due_at = known.ended_at + $2 * interval '1 millisecond'
       where known.due_at is null and (known.compared_at is null or known.ended_at
         < (known.date + 1)::timestamp at time zone 'Asia/Shanghai' + $1 * interval '1 millisecond')`,
      [readyAfterMs, retryMs],
    );
  }

  /** Takes the earliest day that is due; unless it ends otherwise, it is due again after `retryMs`. */
  async claimDue(retryMs: number): Promise<Turn | null> {
    const rows = await this.transactor.query<Turn>(
      `update reconciliations set turn = turn + 1, due_at = now() + $1 * interval '1 millisecond'
       where date = (
         select date from reconciliations where due_at <= now() order by date limit 1 for update skip locked
       ) returning date::text, turn`,
      [retryMs],
    );
    return rows[0] ?? null;
  }

  /** False when somebody else's turn has come. */
  async keep({ date, turn }: Turn, { here, there, differences }: Comparison): Promise<boolean> {
    const kept = differences.slice(0, keptDifferences);
    const changed = await this.transactor.execute(
      `update reconciliations set due_at = null, ended_at = now(), error = null, compared_at = now(),
         here = $3, there = $4, difference_count = $5, differences = $6
       where date = $1 and turn = $2`,
      [date, turn, JSON.stringify(here), JSON.stringify(there), differences.length, JSON.stringify(kept)],
    );
    return changed === 1;
  }

  /** What the last comparison has found stays; `isFinal`: only a day that `schedule` knows is tried again. */
  async giveUp({ date, turn }: Turn, error: string, isFinal: boolean): Promise<void> {
    await this.transactor.execute(
      `update reconciliations set ended_at = now(), error = $3, due_at = case when $4 then null else due_at end
       where date = $1 and turn = $2`,
      [date, turn, error, isFinal],
    );
  }

  async standing(): Promise<Standing> {
    const [row] = await this.transactor.query<Standing>(
      `select count(due_at)::int as pending,
         coalesce(sum(difference_count) filter (where date > current_date - 92), 0)::int as differences
       from reconciliations`,
    );
    return row!;
  }
}
