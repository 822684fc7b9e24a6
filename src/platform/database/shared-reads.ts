import type pg from 'pg';
import { isBroken } from './database-error.js';
import type { PoolClient } from './pool-client.js';
import { Turn } from './turn.js';

/** Reads of one request on one connection, those of one turn of the event loop in one message; no transaction. */
export class SharedReads {
  private readonly turn: Turn;
  private readonly sent: Promise<unknown>[] = [];
  private isClosed = false;
  private isUnclean = false;

  constructor(private readonly client: PoolClient) {
    this.turn = new Turn(client);
  }

  /** Whoever comes late needs a connection of his own. */
  get isOpen(): boolean {
    return !this.isClosed;
  }

  run(sql: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    const answer = this.turn.send({ sql, values });
    this.sent.push(answer.catch((error: unknown) => (this.isUnclean ||= isBroken(error))));
    return answer;
  }

  /** Gives the connection back, once nothing is under way on it. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.sent);
    this.client.release(this.isUnclean);
  }
}
