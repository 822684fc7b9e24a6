import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from './span.js';
import { formatTraceparent, type TraceParent } from './trace-context.js';

/** What is known about the work in progress: one request, one job or one periodic task. Reaches every log line. */
export interface RequestContext extends TraceParent {
  readonly requestId: string;
  /** When it began, on `performance.now()`. */
  readonly startedMs: number;
  /** The server or consumer span, when tracing exports; parents of database and client spans. */
  readonly span?: Span;
  /** The language the client asked for; set by platform/http. */
  language?: 'zh' | 'en';
  /** Set by the auth guard. */
  userId?: string;
  /** Set by the staff guard. */
  staffId?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

export function currentContext(): RequestContext | undefined {
  return storage.getStore();
}

export function runInContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** The `traceparent` that work started from here carries on, for jobs and events. */
export function currentTraceparent(): string | undefined {
  const context = storage.getStore();
  return context && formatTraceparent(context);
}
