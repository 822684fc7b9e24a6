import type { EntitySubscriberInterface } from 'typeorm';
import type { Histogram } from 'prom-client';
import { recordClientSpan } from '../tracing/spans.js';

type AfterQueryEvent = Parameters<NonNullable<EntitySubscriberInterface['afterQuery']>>[0];

/** Times every statement that TypeORM sends: one histogram by operation, one span inside a recorded request. */
export class QueryObserver implements EntitySubscriberInterface {
  constructor(private readonly durations: Histogram<'operation'>) {}

  afterQuery({ query, executionTime, error }: AfterQueryEvent): void {
    const operation = operationOf(query);
    const ms = executionTime ?? 0;
    this.durations.observe({ operation }, ms / 1_000);
    recordClientSpan(operation, { 'db.system.name': 'postgresql', 'db.query.text': query }, ms, error);
  }
}

const known = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'WITH', 'COMMIT', 'ROLLBACK']);

function operationOf(sql: string): string {
  const word = /^\s*([a-z]+)/i.exec(sql)?.[1]?.toUpperCase() ?? '';
  if (word === 'START') return 'BEGIN';
  return known.has(word) ? word : 'OTHER';
}
