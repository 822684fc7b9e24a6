import { createHash } from 'node:crypto';
import pg from 'pg';

/** How many statements that were seen once only are remembered, for each one that may have a name. */
const candidatesPerName = 4;

/**
 * The names of the statements that are worth preparing, one list a process. A statement gets its name when it is seen
 * for the second time, so that generated texts of many shapes do not take the places; there are `max` of them, and a
 * statement without one is merely slower. PostgreSQL keeps at most as many a connection.
 */
export class StatementNames {
  private readonly names = new Map<string, string>();
  private readonly candidates = new Set<string>();
  private current = 0;

  constructor(private readonly max: number) {}

  /** Names of another generation mean plans that are not to be used any more. */
  get generation(): number {
    return this.current;
  }

  get count(): number {
    return this.names.size;
  }

  nameOf(text: string): string | undefined {
    const name = this.names.get(text) ?? this.admit(text);
    return name === undefined ? undefined : `m${this.current}_${name}`;
  }

  /** Plans do not survive a change of the schema or `DISCARD`: everything gets another name. */
  renew(generation: number): void {
    if (generation === this.current) this.current++;
  }

  /** Named by its text: behind a pooler, one name must never mean two statements of two processes. */
  private admit(text: string): string | undefined {
    if (this.names.size >= this.max) return undefined;
    if (!this.candidates.delete(text)) {
      this.remember(text);
      return undefined;
    }
    const name = createHash('sha1').update(text).digest('base64url');
    this.names.set(text, name);
    return name;
  }

  private remember(text: string): void {
    if (this.candidates.size >= this.max * candidatesPerName) {
      const [oldest] = this.candidates;
      this.candidates.delete(oldest!);
    }
    this.candidates.add(text);
  }
}

/** The little of a `pg` client that is used here; its declared overloads do not allow to pass arguments on. */
interface Connection {
  query: (...given: unknown[]) => unknown;
  getTransactionStatus(): string | null;
}

interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/**
 * The client for a pool whose statements with parameters are parsed and planned once a connection instead of once a
 * call. A plan that PostgreSQL no longer accepts is made again under another name, and its statement sent once more;
 * inside a transaction, which has failed by then, it is the transaction that must run again (`isRetryable`).
 */
export function preparingClient(names: StatementNames): typeof pg.Client {
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      prepareOn(this, names);
    }
  };
}

function prepareOn(client: Connection, names: StatementNames): void {
  const send = client.query.bind(client);
  let { generation } = names;

  const prepared = async (statement: Statement, name: string): Promise<unknown> => {
    const startedIn = names.generation;
    const isAlone = client.getTransactionStatus() === 'I';
    if (generation !== startedIn) void forget();
    try {
      return await send({ ...statement, name });
    } catch (error) {
      if (!isStalePlan(error)) throw error;
      names.renew(startedIn);
      if (!isAlone) throw error;
      return send(statement.text, statement.values);
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
    return name === undefined ? send(text, values) : prepared({ text, values }, name);
  };
}

function isFilled(values: unknown): values is unknown[] {
  return Array.isArray(values) && values.length > 0;
}

/**
 * SQLSTATE 0A000 after a change of the schema; 26000 after a `DISCARD`, or where a pooler has changed the server's
 * connection, and 42P05 where it has changed it for one that knows the name from somebody else.
 */
export function isStalePlan(error: unknown): boolean {
  const { code, message } = error as Partial<pg.DatabaseError>;
  return (
    code === '26000' ||
    code === '42P05' ||
    (code === '0A000' && /cached plan must not change/.test(message ?? ''))
  );
}
