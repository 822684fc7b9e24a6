import type pg from 'pg';
import { QueryFailedError } from 'typeorm';

/** Past TypeORM's query runner, which costs as much as the statement. Its error says where the statement was sent from. */
export async function sendOn(
  client: pg.PoolClient,
  sql: string,
  parameters?: readonly unknown[],
): Promise<pg.QueryResult> {
  return answerTo(sql, client.query(sql, parameters as unknown[] | undefined));
}

/** The answer, or TypeORM's error with the stack of who waits for it. */
export async function answerTo(sql: string, sent: Promise<pg.QueryResult>): Promise<pg.QueryResult> {
  try {
    return await sent;
  } catch (error) {
    throw error instanceof Error ? new QueryFailedError(sql, undefined, error) : error;
  }
}
