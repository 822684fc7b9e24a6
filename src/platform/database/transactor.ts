import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type pg from 'pg';
import { DataSource, QueryFailedError, type EntityManager, type QueryRunner } from 'typeorm';
import { poolOf } from './data-source.js';
import { isBroken, isRetryable } from './database-error.js';

interface Scope {
  readonly runner: QueryRunner;
  /** The connection of the runner. */
  readonly client: pg.PoolClient;
  readonly afterCommit: (() => void | Promise<void>)[];
  doomed: boolean;
}

const attempts = 3;

/**
 * The ambient transaction. Services and use cases open it; repositories ask for `manager` or `query` and join
 * whatever is open. No transaction handle is ever passed as a parameter.
 */
@Injectable()
export class Transactor {
  private readonly logger = new Logger(Transactor.name);
  private readonly scopes = new AsyncLocalStorage<Scope | undefined>();

  constructor(private readonly dataSource: DataSource) {}

  /** Entity access inside the open transaction, or on a pool connection for a single statement outside one. */
  get manager(): EntityManager {
    return this.scopes.getStore()?.runner.manager ?? this.dataSource.manager;
  }

  get isOpen(): boolean {
    return this.scopes.getStore() !== undefined;
  }

  /**
   * Runs `work` in one transaction. A nested call joins; if it fails, the whole transaction can only roll back.
   * After a deadlock, a serialization failure or a stale plan (`isRetryable`) the whole work runs again in a new
   * transaction (up to 3 times, jittered), so `work` must be repeatable. No network calls inside: a connection and row locks are held all along.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const open = this.scopes.getStore();
    if (open) return this.join(open, work);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(work);
      } catch (error) {
        if (!isRetryable(error) || attempt === attempts) throw error;
        await pause(Math.random() * 20 * attempt);
      }
    }
  }

  /** After the commit of the open transaction, or at once outside one. May be lost in a crash: for hints only. */
  afterCommit(effect: () => void | Promise<void>): void {
    const scope = this.scopes.getStore();
    if (scope) scope.afterCommit.push(effect);
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
    const open = this.scopes.getStore();
    if (open) return sendOn(open.client, sql, parameters);
    const client = await poolOf(this.dataSource).connect();
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

  private async join<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      scope.doomed = true;
      throw error;
    }
  }

  private async once<T>(work: () => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    let scope: Scope;
    let result: T;
    try {
      const client = (await runner.connect()) as pg.PoolClient;
      scope = { runner, client, afterCommit: [], doomed: false };
      await runner.startTransaction();
      result = await this.scopes.run(scope, work);
      if (scope.doomed) throw new Error('a joined transaction failed; the outer one cannot commit');
      await runner.commitTransaction();
    } catch (error) {
      await this.rollback(runner);
      throw error;
    } finally {
      await runner.release();
    }
    await this.settle(scope);
    return result;
  }

  private async rollback(runner: QueryRunner): Promise<void> {
    // A broken connection has been given up already, and PostgreSQL rolls back what was open on it.
    if (!runner.isTransactionActive || runner.isReleased) return;
    await runner
      .rollbackTransaction()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'rollback failed'));
  }

  private async settle({ afterCommit }: Scope): Promise<void> {
    await this.scopes.run(undefined, async () => {
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

/** Past TypeORM's query runner, which costs as much as the statement. Its error says where the statement was sent from. */
async function sendOn(
  client: pg.PoolClient,
  sql: string,
  parameters: readonly unknown[],
): Promise<pg.QueryResult> {
  try {
    return await client.query(sql, parameters as unknown[]);
  } catch (error) {
    throw error instanceof Error ? new QueryFailedError(sql, undefined, error) : error;
  }
}
