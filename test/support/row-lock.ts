import type pg from 'pg';

export interface HeldLock {
  /** Lets the others go on, after `change` if there is one, with the parameters of the lock. */
  release(change?: string): Promise<void>;
}

/** Keeps what `sql` locks, until the test lets go; throws what PostgreSQL says when it may not. */
export async function holdLock(
  database: pg.Pool,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<HeldLock> {
  const client = await database.connect();
  try {
    await client.query('begin');
    await client.query(sql, [...parameters]);
  } catch (error) {
    client.release(true);
    throw error;
  }
  return {
    async release(change) {
      if (change !== undefined) await client.query(change, [...parameters]);
      await client.query(change === undefined ? 'rollback' : 'commit');
      client.release();
    },
  };
}

/** Keeps a row locked, so that whoever wants to change it waits for as long as the test wants. */
export function lockRow(database: pg.Pool, table: string, id: string): Promise<HeldLock> {
  return holdLock(database, `select 1 from ${table} where id = $1 for update`, [id]);
}

/** Keeps a shopper's row locked, so that `PATCH /me` waits for as long as the test wants. */
export function lockUser(database: pg.Pool, userId: string): Promise<HeldLock> {
  return lockRow(database, 'users', userId);
}

/** How many statements of the shop wait for a lock right now. */
export async function waitingForLocks(database: pg.Pool): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and application_name = 'minnow' and wait_event_type = 'Lock'`,
  );
  return rows[0]!.count;
}
