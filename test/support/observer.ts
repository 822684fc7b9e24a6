import { Histogram, Registry } from 'prom-client';
import { StatementObserver } from '../../src/platform/database/statement-observer.ts';

/** For a data source that nobody watches. */
export function unwatched(): StatementObserver {
  const options = { name: 'statements', help: 'x', labelNames: ['operation'], registers: [new Registry()] };
  return new StatementObserver(new Histogram<'operation'>(options as never), Infinity);
}
