import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type pg from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import { poolOf } from './data-source.js';
import { isBroken, isRetryable } from './database-error.js';
import { OpenTransaction } from './open-transaction.js';
import type { PoolClient } from './pool-client.js';
import { sendOn } from './send-on.js';
import { SharedReads } from './shared-reads.js';

const attempts = 3;

/**
 * The ambient transaction. Services and use cases open it; repositories ask for `manager` or `query` and join
 * whatever is open. No transaction handle is ever passed as a parameter.
 */
@Injectable()
export class Transactor {
  private readonly logger = new Logger(Transactor.name);
  private readonly transactions = new AsyncLocalStorage<OpenTransaction | undefined>();
  private readonly sharedReads = new AsyncLocalStorage<SharedReads>();

  constructor(private readonly dataSource: DataSource) {}

  /** Entity access inside the open transaction, or on a pool connection for a single statement outside one. */
  get manager(): EntityManager {
    return this.transactions.getStore()?.manager ?? this.dataSource.manager;
  }

  get isOpen(): boolean {
    return this.transactions.getStore() !== undefined;
  }

  /**
   * Runs `work` in one transaction. A nested call joins; if it fails, the whole transaction can only roll back.
   * After a deadlock, a serialization failure or a stale plan (`isRetryable`) the whole work runs again in a new
   * transaction (up to 3 times, jittered), so `work` must be repeatable. No network calls inside: a connection and row locks are held all along.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const open = this.transactions.getStore();
    return open ? this.join(open, work) : repeated(() => this.once(work));
  }

  /**
   * Runs `work`, which only reads: its statements share one connection, and those of one turn of the event loop
   * (`Promise.all`) one message. Inside a transaction, or reads around it, they are its own. After a stale plan all of it
   * runs again.
   */
  async reads<T>(work: () => Promise<T>): Promise<T> {
    const isShared = this.isOpen || this.sharedReads.getStore()?.isOpen;
    return isShared ? work() : repeated(() => this.readOnce(work));
  }

  /** After the commit of the open transaction, or at once outside one. May be lost in a crash: for hints only. */
  afterCommit(effect: () => void | Promise<void>): void {
    const open = this.transactions.getStore();
    if (open) open.afterCommit.push(effect);
    else void this.attempt(effect);
  }

  /** The rows of one SQL statement, inside the open transaction if there is one. */
  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return (await this.send(sql, parameters)).rows as Row[];
  }

  /** The number of rows one SQL statement changed. */
  async execute(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    return (await this.send(sql, parameters)).rowCount ?? 0;
  }

  private async send(sql: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    const open = this.transactions.getStore();
    if (open) return open.run(sql, parameters);
    const reads = this.sharedReads.getStore();
    if (reads?.isOpen) return reads.run(sql, parameters);
    const client = await this.borrow();
    let error: unknown;
    try {
      return await sendOn(client, sql, parameters);
    } catch (caught) {
      error = caught;
      throw caught;
    } finally {
      client.release(isBroken(error));
    }
  }

  private async join<T>(open: OpenTransaction, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      open.isDoomed = true;
      throw error;
    }
  }

  private async borrow(): Promise<PoolClient> {
    return (await poolOf(this.dataSource).connect()) as PoolClient;
  }

  private async readOnce<T>(work: () => Promise<T>): Promise<T> {
    const reads = new SharedReads(await this.borrow());
    try {
      return await this.sharedReads.run(reads, work);
    } finally {
      await reads.close();
    }
  }

  private async once<T>(work: () => Promise<T>): Promise<T> {
    const transaction = new OpenTransaction(this.dataSource, await this.borrow());
    let result: T;
    try {
      result = await this.transactions.run(transaction, work);
      await transaction.commit();
    } catch (error) {
      await transaction.rollback();
      throw error;
    } finally {
      transaction.release();
    }
    await this.settle(transaction);
    return result;
  }

  private async settle({ afterCommit }: OpenTransaction): Promise<void> {
    await this.transactions.run(undefined, async () => {
      for (const effect of afterCommit) await this.attempt(effect);
    });
  }

  private async attempt(effect: () => void | Promise<void>): Promise<void> {
    try {
      await effect();
    } catch (error) {
      this.logger.warn({ err: error }, 'an after-commit effect failed');
    }
  }
}

async function repeated<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isRetryable(error) || attempt === attempts) throw error;
      await pause(Math.random() * 20 * attempt);
    }
  }
}
