import { Logger } from '@nestjs/common';
import type { Histogram } from 'prom-client';
import { recordClientSpan } from '../tracing/spans.js';
import { oneLine } from './one-line.js';

type Durations = Histogram<'operation'>;

/** Times every statement, whoever sends it, or every message of several: one histogram by operation, one span inside recorded work, a line if slow. */
export class StatementObserver {
  private readonly logger = new Logger('Database');
  /** Resolving a label costs more than observing. */
  private readonly children = new Map<string, Histogram.Internal<'operation'>>();

  constructor(
    private readonly durations: Durations,
    private readonly slowMs: number,
  ) {}

  /** Parameters are never told: they hold openids, phone numbers and addresses. */
  sent(sql: string, ms: number, error?: unknown): void {
    this.tell(operationOf(sql), sql, ms, error);
  }

  /** Statements of one message, of which nobody knows how long each took. */
  sentTogether(statements: readonly { readonly sql: string }[], ms: number, error?: unknown): void {
    const [first] = statements;
    if (statements.length === 1) return this.sent(first!.sql, ms, error);
    this.tell('BATCH', statements.map(({ sql }) => sql.trim()).join(';\n'), ms, error);
  }

  private tell(operation: string, sql: string, ms: number, error: unknown): void {
    this.childOf(operation).observe(ms / 1_000);
    recordClientSpan(operation, { 'db.system.name': 'postgresql', 'db.query.text': sql }, ms, error);
    if (ms < this.slowMs) return;
    this.logger.warn({ ms: Math.round(ms), sql: oneLine(sql) }, 'slow statement');
  }

  private childOf(operation: string): Histogram.Internal<'operation'> {
    let child = this.children.get(operation);
    if (!child) {
      child = this.durations.labels(operation);
      this.children.set(operation, child);
    }
    return child;
  }
}

const known = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'WITH', 'BEGIN', 'COMMIT', 'ROLLBACK']);

function operationOf(sql: string): string {
  const word = /^\s*([a-z]+)/i.exec(sql)?.[1]?.toUpperCase() ?? '';
  if (word === 'START') return 'BEGIN';
  return known.has(word) ? word : 'OTHER';
}
