import type pg from 'pg';
import { QueryFailedError } from 'typeorm';

/** Past TypeORM's query runner, which costs as much as the statement. Its error says where the statement was sent from. */
export async function sendOn(
  client: pg.PoolClient,
  sql: string,
  parameters?: readonly unknown[],
): Promise<pg.QueryResult> {
  try {
    return await client.query(sql, parameters as unknown[] | undefined);
  } catch (error) {
    throw error instanceof Error ? new QueryFailedError(sql, undefined, error) : error;
  }
}
