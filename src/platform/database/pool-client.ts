import pg from 'pg';
import type { Watched } from '../concurrency/overdue.js';
import { isStalePlan, type StatementNames } from './prepared-statements.js';
import type { StatementObserver } from './statement-observer.js';

/** The little of a `pg` client that is used here; its declared overloads do not allow to pass arguments on. */
interface Connection {
  lastStatement: string | undefined;
  query: (...given: unknown[]) => unknown;
  getTransactionStatus(): string | null;
  readonly connection: { readonly stream: { destroy(): void } };
}

/** Made readable when it is read. */
export interface Stack {
  readonly stack?: string;
}

/** A client that remembers what it was asked last, without parameters, and who has it. */
export interface ObservedClient extends pg.PoolClient {
  lastStatement?: string | undefined;
  borrower?: Stack | undefined;
  borrow?: Watched<ObservedClient>;
}

/**
 * The client of the pool, below TypeORM, so that it sees every statement whoever sends it: it prepares those that come
 * again, times them all, and gives its connection up when the server stops answering.
 */
export function poolClient(names: StatementNames | undefined, observer: StatementObserver): typeof pg.Client {
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      // What breaks while it is lent fails the statement, or the next one; nobody else has to hear of it.
      this.on('error', () => undefined);
      const connection = this as unknown as Connection;
      if (names) prepareOn(connection, names);
      observeOn(connection, observer);
    }
  };
}

function observeOn(client: Connection, observer: StatementObserver): void {
  const send = client.query.bind(client);

  const observed = async (sql: string, given: unknown[]): Promise<unknown> => {
    const startedAt = performance.now();
    client.lastStatement = sql;
    try {
      const result = await send(...given);
      observer.sent(sql, performance.now() - startedAt);
      return result;
    } catch (error) {
      observer.sent(sql, performance.now() - startedAt, error);
      if (isStalled(error)) client.connection.stream.destroy();
      throw error;
    }
  };

  client.query = (...given) => {
    const [sql] = given;
    return typeof sql === 'string' && typeof given.at(-1) !== 'function'
      ? observed(sql, given)
      : send(...given);
  };
}

/**
 * Back in the pool, a connection whose server does not answer would fail one request after the other, or, once the
 * server goes on, run them inside the transaction that nobody could roll back: answered with success, never committed.
 */
function isStalled(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/**
 * Statements with parameters are parsed and planned once a connection instead of once a call. A plan that PostgreSQL no
 * longer accepts is made again under another name, and its statement sent once more; inside a transaction, which has
 * failed by then, it is the transaction that must run again (`isRetryable`).
 */
function prepareOn(client: Connection, names: StatementNames): void {
  const send = client.query.bind(client);
  let { generation } = names;

  const prepared = async (text: string, values: unknown[], name: string): Promise<unknown> => {
    const startedIn = names.generation;
    const isAlone = client.getTransactionStatus() === 'I';
    if (generation !== startedIn) void forget();
    try {
      return await send({ text, values, name });
    } catch (error) {
      if (!isStalePlan(error)) throw error;
      names.renew(startedIn);
      if (!isAlone) throw error;
      return send(text, values);
    }
  };

  /** The old plans would stay for as long as the connection does; should this fail, nothing but memory is lost. */
  const forget = async (): Promise<void> => {
    ({ generation } = names);
    await Promise.resolve(send('deallocate all')).catch(() => undefined);
  };

  client.query = (...given) => {
    const [text, values] = given;
    if (given.length !== 2 || typeof text !== 'string' || !isFilled(values)) return send(...given);
    const name = names.nameOf(text);
    return name === undefined ? send(text, values) : prepared(text, values, name);
  };
}

function isFilled(values: unknown): values is unknown[] {
  return Array.isArray(values) && values.length > 0;
}
