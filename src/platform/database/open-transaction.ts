import type pg from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { sendOn } from './send-on.js';

/** One transaction on one connection, from `begin` to `release`. */
export class OpenTransaction {
  readonly afterCommit: (() => void | Promise<void>)[] = [];
  /** A joined transaction has failed, so this one cannot commit. */
  isDoomed = false;
  private isOver = false;
  private isUnclean = false;
  private runner: QueryRunner | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly client: pg.PoolClient,
  ) {}

  /** TypeORM on this connection, for those who ask for it; it thinks that the transaction is its own. */
  get manager(): EntityManager {
    this.runner ??= Object.assign(this.dataSource.createQueryRunner(), {
      databaseConnection: this.client,
      isTransactionActive: true,
      transactionDepth: 1,
    });
    return this.runner.manager;
  }

  /** @throws Error when the transaction is over: the connection may be somebody else's by now */
  async run(sql: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    if (this.isOver) throw new Error('a statement was sent after the end of its transaction');
    return sendOn(this.client, sql, parameters);
  }

  async begin(): Promise<void> {
    await sendOn(this.client, 'begin');
  }

  /** @throws Error when nothing was committed: PostgreSQL only says so in passing */
  async commit(): Promise<void> {
    if (this.isDoomed) throw new Error('a joined transaction failed; the outer one cannot commit');
    this.isOver = true;
    const { command } = await sendOn(this.client, 'commit');
    if (command !== 'COMMIT') throw new Error('a statement failed; the transaction cannot commit');
  }

  /** What cannot be rolled back ends with its connection, and PostgreSQL rolls it back then. */
  async rollback(): Promise<void> {
    this.isOver = true;
    await sendOn(this.client, 'rollback').catch(() => (this.isUnclean = true));
  }

  /** Gives the connection back. Whatever still holds on to this transaction is refused from now on. */
  release(): void {
    this.isOver = true;
    void this.runner?.release();
    this.client.release(this.isUnclean);
  }
}
