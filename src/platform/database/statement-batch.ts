import { createRequire } from 'node:module';
import pg from 'pg';

/** Left out of the declarations: a value as PostgreSQL is sent it. Throws TypeError for what has no such form. */
const { prepareValue } = createRequire(import.meta.url)('pg/lib/utils.js') as {
  readonly prepareValue: (value: unknown) => unknown;
};

export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
  /** Nothing may be sent on this connection once it has failed. */
  readonly isVital?: boolean;
}

/** What PostgreSQL does not look at any more, because a statement before it, on its way together with it, has failed. */
export class StatementSkipped extends Error {
  override readonly name = 'StatementSkipped';

  constructor(cause: unknown) {
    super('a statement before this one has failed', { cause });
  }
}

/** The little that is used here of `pg`'s connection, below its client. */
interface Connection {
  readonly stream: { cork(): void; uncork(): void; destroy(reason: Error): void };
  /** By name, as far as PostgreSQL has been asked for them and has not answered. */
  readonly submittedNamedStatements: Record<string, string>;
  execute(portal: { readonly portal: string }): void;
  sync(): void;
}

/** What `pg`'s client calls, and its declarations leave out. */
interface Answered {
  readonly name: string | undefined;
  readonly text: string;
  prepare(connection: Connection): void;
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
  handleReadyForQuery(connection: Connection): void;
  handleError(error: Error, connection: Connection): void;
}

/** A statement with the name of its plan, if it has one. */
export interface PlannedStatement extends Statement {
  readonly name: string | undefined;
}

type Done = (error: Error | undefined, result: pg.QueryResult) => void;

/** One statement of a batch, without the message that ends it. */
class Part extends (pg.Query as unknown as new (config: object, done: Done) => Answered) {
  /** @throws TypeError for a value that cannot be written down; `pg` would say so in the middle of the message */
  constructor({ sql, values, name }: PlannedStatement, done: Done) {
    super({ text: sql, values: values.map(value => prepareValue(value)), name }, done);
  }

  _getRows(connection: Connection): void {
    connection.execute({ portal: '' });
  }
}

/**
 * Statements that go to PostgreSQL in one message and come back in one: for both of us a message costs as much as a
 * small statement. They run one after the other; once one fails, PostgreSQL skips those behind it.
 * PostgreSQL keeps small answers until the end of the message, so nobody knows how long each of them took.
 * `pg` has a pipeline of its own, which ends each statement for itself: those behind one that fails would run.
 */
export class StatementBatch {
  callback: ((error: Error | undefined) => void) | undefined;
  private readonly parts: readonly Part[];
  private at = 0;

  constructor(
    statements: readonly PlannedStatement[],
    done: (index: number, error: Error | undefined, result: pg.QueryResult) => void,
  ) {
    this.parts = statements.map(
      (statement, index) => new Part(statement, (error, result) => done(index, error, result)),
    );
  }

  get size(): number {
    return this.parts.length;
  }

  /** Of the statement that PostgreSQL is at, for `pg` to keep in mind what is prepared. */
  get name(): string | undefined {
    return this.parts[this.at]?.name;
  }

  get text(): string | undefined {
    return this.parts[this.at]?.text;
  }

  submit(connection: Connection): void {
    connection.stream.cork();
    for (const part of this.parts) part.prepare(connection);
    connection.sync();
    connection.stream.uncork();
  }

  handleRowDescription(message: unknown): void {
    this.parts[this.at]!.handleRowDescription(message);
  }

  handleDataRow(message: unknown): void {
    this.parts[this.at]!.handleDataRow(message);
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    const part = this.parts[this.at++]!;
    part.handleCommandComplete(message, connection);
    part.handleReadyForQuery(connection);
  }

  handleReadyForQuery(connection: Connection): void {
    if (this.at === this.parts.length) return this.callback?.(undefined);
    // Answers that belong to nobody would be taken for those of the next statements, whoever sends them.
    const error = new Error('PostgreSQL has ended a message before its last statement');
    connection.stream.destroy(error);
    this.handleError(error, connection);
  }

  handleError(error: Error, connection: Connection): void {
    const [failed, ...skipped] = this.parts.slice(this.at);
    failed?.handleError(error, connection);
    for (const part of skipped) {
      if (part.name !== undefined) delete connection.submittedNamedStatements[part.name];
      part.handleError(new StatementSkipped(error), connection);
    }
    this.callback?.(error);
  }
}
