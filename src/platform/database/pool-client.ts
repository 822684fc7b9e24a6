import pg from 'pg';
import { Overdue, type Watched } from '../concurrency/overdue.js';
import { Plans } from './plans.js';
import { isStalePlan, type StatementNames } from './prepared-statements.js';
import { StatementBatch, type Statement } from './statement-batch.js';
import type { StatementObserver } from './statement-observer.js';

/** The little of a `pg` client that is used here; its declared overloads do not allow to pass arguments on. */
interface Connection {
  lastStatement: string | undefined;
  query: (...given: unknown[]) => unknown;
  batch: PoolClient['batch'];
  getTransactionStatus(): string | null;
  readonly connection: { readonly stream: { destroy(reason: Error): void } };
}

type Callback = (error: Error | undefined, result?: unknown) => void;

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

/** A client of the pool, with what `pg` has not. */
export interface PoolClient extends ObservedClient {
  /** Sends statements together; the results are theirs, in their order. */
  batch(statements: readonly Statement[]): Promise<pg.QueryResult>[];
}

export interface ClientParts {
  /** Absent: nothing is prepared. */
  readonly names: StatementNames | undefined;
  readonly observer: StatementObserver;
  /** Longer than that no statement takes, unless the server has stopped answering at all. */
  readonly stalledMs: number;
}

/**
 * The client of the pool, below TypeORM, so that it sees every statement whoever sends it: it prepares those that come
 * again, times them all, and gives its connection up when the server stops answering.
 */
export function poolClient({ names, observer, stalledMs }: ClientParts): typeof pg.Client {
  const waiting = new Overdue<Connection>({ afterMs: stalledMs, lookEveryMs, tell: giveUp });
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      // What breaks while it is lent fails the statement, or the next one; nobody else has to hear of it.
      this.on('error', () => undefined);
      const connection = this as unknown as Connection;
      awaitOn(connection, waiting);
      const plans = names && new Plans(names, connection.query);
      batchOn(connection, plans, observer);
      if (plans) prepareOn(connection, plans);
      observeOn(connection, observer);
    }
  };
}

/** How late a stalled connection may be given up. */
const lookEveryMs = 50;

/**
 * Back in the pool, a connection whose server does not answer would fail one request after the other, or, once the
 * server goes on, run them inside the transaction that nobody could roll back: answered with success, never committed.
 */
function giveUp({ connection }: Connection, ms: number): void {
  const reason = `PostgreSQL has not answered for ${Math.round(ms)} ms`;
  connection.stream.destroy(Object.assign(new Error(reason), { code: 'ETIMEDOUT' }));
}

/**
 * One timer looks after the statements of all connections, and `pg` is given a callback, also for who awaits: a
 * statement that `pg` gives a promise or a timer of its own keeps those after it from the quick garbage collections,
 * results and all, which costs as much as a fifth of a read.
 */
function awaitOn(client: Connection, waiting: Overdue<Connection>): void {
  const send = client.query.bind(client);

  const watched = (given: unknown[], callback: Callback): void => {
    const [first] = given;
    const asked = waiting.watch(client, first instanceof StatementBatch ? first.size : 1);
    send(...given, (error: Error | undefined, result: unknown) => {
      waiting.forget(asked);
      callback(error, result);
    });
  };

  client.query = (...given) => {
    const callback = given.at(-1);
    if (typeof callback === 'function') return watched(given.slice(0, -1), callback as Callback);
    return new Promise((resolve, reject) => {
      watched(given, (error, result) => (error ? reject(error) : resolve(result)));
    });
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

/** All statements of a message count as one. */
function batchOn(client: Connection, plans: Plans | undefined, observer: StatementObserver): void {
  const send = client.query.bind(client);

  const observed = async (statements: readonly Statement[], batch: StatementBatch): Promise<void> => {
    const startedAt = performance.now();
    const told = (error?: unknown) => observer.sentTogether(statements, performance.now() - startedAt, error);
    try {
      await send(batch);
      told();
    } catch (error) {
      plans?.notice(error);
      told(error);
    }
  };

  client.batch = statements => {
    const answers = statements.map(() => Promise.withResolvers<pg.QueryResult>());
    const planned = statements.map(each => ({ ...each, name: nameOf(each) }));
    client.lastStatement = statements.at(-1)?.sql;
    try {
      const batch = new StatementBatch(planned, (index, error, result) => {
        if (error && statements[index]!.isVital) client.connection.stream.destroy(error);
        if (error) answers[index]!.reject(error);
        else answers[index]!.resolve(result);
      });
      void observed(statements, batch);
    } catch (error) {
      // Not even a `begin` that is among them has been sent: nothing may come after it.
      client.connection.stream.destroy(error as Error);
      for (const { reject } of answers) reject(error);
    }
    return answers.map(({ promise }) => promise);
  };

  /** As everywhere, for those with parameters only: others are cheap to parse, and must not need a plan. */
  function nameOf({ sql, values }: Statement): string | undefined {
    return values.length > 0 ? plans?.nameOf(sql) : undefined;
  }
}

/**
 * Statements with parameters are parsed and planned once a connection instead of once a call. One whose plan is not
 * accepted is sent once more; inside a transaction, which has failed by then, it is the transaction that must run again
 * (`isRetryable`).
 */
function prepareOn(client: Connection, plans: Plans): void {
  const send = client.query.bind(client);

  const prepared = async (text: string, values: unknown[], name: string): Promise<unknown> => {
    try {
      return await send({ text, values, name });
    } catch (error) {
      plans.notice(error);
      const isAlone = client.getTransactionStatus() === 'I';
      if (!isStalePlan(error) || !isAlone) throw error;
      return send(text, values);
    }
  };

  client.query = (...given) => {
    const [text, values] = given;
    if (given.length !== 2 || typeof text !== 'string' || !isFilled(values)) return send(...given);
    const name = plans.nameOf(text);
    return name === undefined ? send(text, values) : prepared(text, values, name);
  };
}

function isFilled(values: unknown): values is unknown[] {
  return Array.isArray(values) && values.length > 0;
}
