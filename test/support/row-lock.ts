import type pg from 'pg';

export interface RowLock {
  /** Lets the others go on, with the row as `change` makes it; `$1` is its id. */
  release(change?: string): Promise<void>;
}

/** Keeps a shopper's row locked, so that `PATCH /me` waits for as long as the test wants. */
export function lockUser(database: pg.Pool, userId: string): Promise<RowLock> {
  return lockRow(database, 'users', userId);
}

/** Keeps a row locked, so that whoever wants to change it waits for as long as the test wants. */
export async function lockRow(database: pg.Pool, table: string, id: string): Promise<RowLock> {
  const client = await database.connect();
  await client.query('begin');
  await client.query(`select 1 from ${table} where id = $1 for update`, [id]);
  return {
    async release(change) {
      if (change !== undefined) await client.query(change, [id]);
      await client.query('commit');
      client.release();
    },
  };
}

/** How many statements of the shop wait for a lock right now. */
export async function waitingForLocks(database: pg.Pool): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and application_name = 'minnow' and wait_event_type = 'Lock'`,
  );
  return rows[0]!.count;
}
