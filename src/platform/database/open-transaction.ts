import type pg from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { PoolClient } from './pool-client.js';
import { sendOn } from './send-on.js';
import { Turn } from './turn.js';

/** A statement came late: the connection may be somebody else's by now. */
class TransactionOver extends Error {
  override readonly name = 'TransactionOver';

  constructor() {
    super('a statement was sent after the end of its transaction');
  }
}

/**
 * One transaction on one connection, from its first statement to `release`. Statements that are sent in one turn of the
 * event loop go to PostgreSQL together, and `begin` with the first of them; what they return comes as if they had gone
 * one by one.
 */
export class OpenTransaction {
  readonly afterCommit: (() => void | Promise<void>)[] = [];
  /** A joined transaction has failed, so this one cannot commit. */
  isDoomed = false;
  private isBegun = false;
  private isOver = false;
  private isUnclean = false;
  private readonly turn: Turn;
  private runner: QueryRunner | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly client: PoolClient,
  ) {
    this.turn = new Turn(client);
  }

  /** TypeORM on this connection, for those who ask for it; it thinks that the transaction is its own. */
  get manager(): EntityManager {
    if (this.isOver) throw new TransactionOver();
    if (!this.isBegun) this.begin();
    this.turn.flush();
    this.runner ??= Object.assign(this.dataSource.createQueryRunner(), {
      databaseConnection: this.client,
      isTransactionActive: true,
      transactionDepth: 1,
    });
    return this.runner.manager;
  }

  /** @throws TransactionOver */
  async run(sql: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    if (this.isOver) throw new TransactionOver();
    if (!this.isBegun) this.begin();
    return this.turn.send({ sql, values: parameters });
  }

  /** @throws Error when nothing was committed: PostgreSQL only says so in passing */
  async commit(): Promise<void> {
    if (this.isDoomed) throw new Error('a joined transaction failed; the outer one cannot commit');
    this.shut();
    if (!this.isBegun) return;
    const { command } = await sendOn(this.client, 'commit');
    if (command !== 'COMMIT') throw new Error('a statement failed; the transaction cannot commit');
  }

  /** What cannot be rolled back ends with its connection, and PostgreSQL rolls it back then. */
  async rollback(): Promise<void> {
    this.shut();
    if (this.isBegun) await sendOn(this.client, 'rollback').catch(() => (this.isUnclean = true));
  }

  /** Gives the connection back, after `commit` or `rollback`. */
  release(): void {
    this.client.release(this.isUnclean);
  }

  /** Should it fail, PostgreSQL skips what comes with it, and whatever came later would not be in a transaction. */
  private begin(): void {
    this.isBegun = true;
    this.turn.send({ sql: 'begin', values: [], isVital: true }).catch(() => undefined);
  }

  private shut(): void {
    this.isOver = true;
    this.turn.flush();
    void this.runner?.release();
  }
}
