import { createHash } from 'node:crypto';
import type pg from 'pg';

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
