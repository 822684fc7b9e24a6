import type pg from 'pg';

/** Keeps a shopper's row locked, so that `PATCH /me` waits for as long as the test wants. */
export async function lockUser(database: pg.Pool, userId: string): Promise<{ release(): Promise<void> }> {
  const client = await database.connect();
  await client.query('begin');
  await client.query('select 1 from users where id = $1 for update', [userId]);
  return {
    async release() {
      await client.query('rollback');
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
